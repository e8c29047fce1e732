import type { IHeaders, KafkaMessage, Message } from "kafkajs"
import { cloudEventHeaders, type Fact } from "../../events/fact.ts"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { nearestTime } from "../../events/time.ts"
import { whyUnreadable } from "../../kafka/compression/index.ts"
import type { DeadLetter, StoredRecord, Topic } from "../index.ts"
import { type EncodeFact, keptOf, storedOf } from "../storage.ts"
import type { Names } from "./topic-names.ts"

/** A record on its way out. */
export type Outgoing = { readonly topic: string; readonly message: Message; readonly sizeBytes: number }

/** Most that a record takes beside key, value and headers, and each header beside its text. */
const RECORD_OVERHEAD_BYTES = 40
const HEADER_OVERHEAD_BYTES = 6

/** Fails log/unencodable. */
export function outgoing(record: Fact | DeadLetter, encode: EncodeFact, names: Names): Result<Outgoing> {
  const written = keptOf(record, encode)
  if (!written.ok) return written
  const { topic, key, value, headers: kept } = written.value
  const headers = kept ?? (record.topic === "dead-letter" ? {} : cloudEventHeaders(record))
  return done({
    topic: names.topic(topic),
    message: { key, value: value === null ? null : Buffer.from(value), headers },
    sizeBytes: RECORD_OVERHEAD_BYTES + bytesOf(key) + (value?.length ?? 0) + headerBytes(headers),
  })
}

const bytesOf = (text: string | null): number => (text === null ? 0 : Buffer.byteLength(text))

const headerBytes = (headers: Readonly<Record<string, string>>): number =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + bytesOf(name) + bytesOf(text) + HEADER_OVERHEAD_BYTES, 0)

type Arrived = { readonly topic: Topic; readonly partition: number; readonly message: KafkaMessage }

/** What a consumed message is to the port. `decode` answers from memory: look its schema up before. */
export function storedMessage(
  { topic, partition, message }: Arrived,
  decode: (topic: Fact["topic"], value: Uint8Array | null) => Result<Fact>,
): StoredRecord {
  const offset = Number(message.offset)
  const kept = {
    topic,
    key: message.key === null || message.key === undefined ? null : message.key.toString(),
    headers: textHeaders(message.headers ?? {}),
    value: message.value,
    offset,
    // A producer may state any time.
    timestampMs: nearestTime(Number(message.timestamp)),
  }
  const says = whyUnreadable(message.value)
  const read = says === null ? decode : () => failed(failure("log/undecodable", says))
  return { ...storedOf(kept, read), at: { topic, partition, offset } }
}

/** Of a header that is there twice, the last. */
function textHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined && last !== null) texts[name] = last.toString()
  }
  return texts
}
