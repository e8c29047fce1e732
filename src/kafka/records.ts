import type { IHeaders, Message } from "kafkajs"

/** A record on its way to the brokers. */
export type OutgoingRecord = {
  /** Name on the brokers. */
  readonly topic: string
  readonly message: Message
  /** Upper bound of its size on the wire, bytes. */
  readonly sizeBytes: number
}

/** Upper bounds of what a record takes beside key, value and headers, and a header beside its text. */
const RECORD_OVERHEAD_BYTES = 40
const HEADER_OVERHEAD_BYTES = 6

type RecordParts = {
  readonly key: string | null
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, string>>
}

export function outgoingRecord(topic: string, { key, value, headers }: RecordParts): OutgoingRecord {
  const ofHeaders = Object.entries(headers ?? {}).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text) + HEADER_OVERHEAD_BYTES,
    0,
  )
  return {
    topic,
    message: { key, value, ...(headers === undefined ? {} : { headers }) },
    sizeBytes: RECORD_OVERHEAD_BYTES + Buffer.byteLength(key ?? "") + Buffer.byteLength(value ?? "") + ofHeaders,
  }
}

/** Headers as text. Of a header that occurs twice, the last. */
export function textHeaders(headers: IHeaders = {}): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined && last !== null) texts[name] = last.toString()
  }
  return texts
}
