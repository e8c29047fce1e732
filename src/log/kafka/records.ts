import type { KafkaMessage } from "kafkajs"
import { createDecoder, schemaIdOf } from "../../events/codec.ts"
import { cloudEventHeaders, type Fact } from "../../events/fact.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { nearestTime } from "../../events/time.ts"
import { whyUnreadable } from "../../kafka/compression/index.ts"
import type { Observe } from "../../kafka/index.ts"
import { type OutgoingRecord, outgoingRecord, textHeaders } from "../../kafka/records.ts"
import type { Names } from "../../kafka/topics.ts"
import { backoffMs, type Clock, SERVER_AWAY } from "../../system/clock.ts"
import type { DeadLetter, StoredRecord, Topic } from "../index.ts"
import { decodeRecord, type EncodeFact, encodeRecord } from "../storage.ts"
import type { SchemaCache } from "./registry.ts"

/** What is sent for a fact or dead letter. Fails log/unencodable. */
export function outgoing(record: Fact | DeadLetter, encode: EncodeFact, names: Names): Result<OutgoingRecord> {
  const written = encodeRecord(record, encode)
  if (!written.ok) return written
  const { topic, key, value, headers: kept } = written.value
  const headers = kept ?? (record.topic === "dead-letter" ? {} : cloudEventHeaders(record))
  return done(outgoingRecord(names.topic(topic), { key, value: value === null ? null : Buffer.from(value), headers }))
}

export type ConsumedMessage = { readonly topic: Topic; readonly partition: number; readonly message: KafkaMessage }

/** The record behind a consumed message. `decode` answers from memory, so the schema must have been looked up before. */
export function storedMessage(
  { topic, partition, message }: ConsumedMessage,
  decode: (topic: Fact["topic"], value: Uint8Array | null) => Result<Fact>,
): StoredRecord {
  const offset = Number(message.offset)
  const kept = {
    topic,
    key: message.key === null || message.key === undefined ? null : message.key.toString(),
    headers: textHeaders(message.headers),
    value: message.value,
    offset,
    // A foreign producer may state a time that no date can hold.
    timestampMs: nearestTime(Number(message.timestamp)),
  }
  const says = whyUnreadable(message.value)
  const read = says === null ? decode : () => failed(failure("log/undecodable", says))
  return { ...decodeRecord(kept, read), at: { topic, partition, offset } }
}

/**
 * Gives the record behind a consumed message. While the registry cannot be asked for its schema it waits, since only a
 * registry that answers can make a record undecodable. Null when the signal of `until`, which is asked for only when there is
 * a wait, aborts first.
 */
export type ReadMessage = (consumed: ConsumedMessage, until: () => AbortSignal) => Promise<StoredRecord | null>

export function createReader(schemas: SchemaCache, clock: Clock, observe: Observe): ReadMessage {
  const decode = createDecoder(schemas.text)
  return async (consumed, until) => {
    for (let tries = 1; ; tries++) {
      const looked = await look(schemas, consumed)
      if (looked.ok) return storedMessage(consumed, decode)
      observe({ kind: "outage", group: null, says: looked.failure.says })
      const ending = until()
      await clock.sleep(backoffMs(tries, SERVER_AWAY), ending)
      if (ending.aborted) return null
    }
  }
}

function look(schemas: SchemaCache, { topic, message }: ConsumedMessage): Promise<Result<void>> | Result<void> {
  if (topic === "dead-letter") return done(undefined)
  const id = schemaIdOf(topic, message.value)
  return id.ok && !schemas.knows(id.value) ? schemas.look(id.value) : done(undefined)
}
