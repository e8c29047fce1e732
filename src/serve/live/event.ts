import { subjectOf } from "../../events/fact.ts"
import type { StoredRecord, Topic } from "../../log/index.ts"
import { jsonText } from "../../system/visible.ts"

/** A record of the log as the API gives it. The fact has the names of its schema. */
export type EventBody = {
  readonly topic: Topic
  readonly partition: number
  readonly offset: number
  /** When the log took it in. */
  readonly timestamp_ms: number
  /** Null where nobody can decode it, and for dead letters. */
  readonly fact: Record<string, unknown> | null
  /** Why there is no fact. */
  readonly undecodable?: { readonly code: string; readonly says: string }
  readonly dead_letter?: {
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly says: string
  }
}

export function eventBody({ at, timestampMs, content }: StoredRecord): EventBody {
  const head = { ...at, timestamp_ms: timestampMs }
  if ("fact" in content) return { ...head, fact: { ...content.fact.value } }
  if ("deadLetter" in content)
    return { ...head, fact: null, dead_letter: { ...content.deadLetter.at, says: content.deadLetter.says } }
  const { code, says } = content.undecodable.failure
  return { ...head, fact: null, undecodable: { code, says } }
}

/** Which events a stream is given: of all topics where it names none, of all objects where it names no bucket and no prefix. */
export type EventFilter = {
  readonly topics: readonly Topic[]
  readonly bucket: string | null
  /** Beginning of keys; of a sequence the key is what its frames' names share. */
  readonly prefix: string | null
}

/** An event as streams are sent it. The id that goes with it is the stream's. */
export type StreamEvent = {
  readonly topic: Topic
  readonly partition: number
  readonly offset: number
  /** The object that it is about; null where nobody can tell. */
  readonly subject: { readonly bucket: string; readonly key: string } | null
  /** `event:` and `data:` lines, and the empty line behind them. */
  readonly lines: Buffer
}

export function streamEvent(record: StoredRecord): StreamEvent {
  const { at, content } = record
  const subject = "fact" in content ? subjectOf(content.fact) : null
  return {
    ...at,
    subject: subject === null ? null : { bucket: subject.bucket, key: subject.key },
    lines: Buffer.from(`event: ${at.topic}\ndata: ${jsonText(eventBody(record))}\n\n`),
  }
}

/** Whether a stream is given an event. What is about nothing that can be told goes to streams that ask for all objects. */
export function isWanted({ topics, bucket, prefix }: EventFilter, { topic, subject }: StreamEvent): boolean {
  if (!topics.includes(topic)) return false
  if (subject === null) return bucket === null && prefix === null
  return (bucket === null || subject.bucket === bucket) && (prefix === null || subject.key.startsWith(prefix))
}
