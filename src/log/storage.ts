import { cloudEventHeaders, type Fact, keyOf } from "../events/fact.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import { deadLetterFrom, deadLetterHeaders } from "./dead-letter.ts"
import type { Coordinates, DeadLetter, Lag, ReadOptions, StoredRecord, Topic } from "./index.ts"
import type { PartitionTracker } from "./partition-tracker.ts"

// What every log of one process has in common: the storage it stands on, and the log over a storage.

/** A record in the form in which a log keeps it. */
export type EncodedRecord = {
  readonly topic: Topic
  readonly key: string | null
  /** Null for facts, whose headers are derived from the value when they are read. */
  readonly headers: Readonly<Record<string, string>> | null
  readonly value: Uint8Array | null
}

export type EncodedRecordAt = EncodedRecord & { readonly offset: number; readonly timestampMs: number }

/** Records that their group has finished, and the tracker that tells the offset to commit. */
export type Finished = {
  readonly group: string
  readonly topic: Topic
  /** Those that the tracker knows of: of a page its first and its last one. */
  readonly offsets: readonly number[]
  readonly tracker: PartitionTracker
  /** Once it has aborted, another reader owns the group's position, and nothing of the change may happen. */
  readonly lost: AbortSignal
}

/** What one append or acknowledgement changes, all or nothing. */
export type Change = { readonly records: readonly EncodedRecord[]; readonly finished: Finished | null }

export type Page = {
  readonly topic: Topic
  /** First offset, inclusive. */
  readonly from: number
  /** Last offset, exclusive. */
  readonly until: number
  readonly limit: number
} & PageFilter

/** Which records between the offsets are wanted. */
export type PageFilter = Pick<ReadOptions, "key" | "untilMs"> & { readonly sinceMs: number }

/**
 * What delivery and replay need of an embedded log with one partition a topic: memory and SQLite are two of these.
 * Failures are outages or refusals of the medium.
 */
export type Storage = {
  page(page: Page): Result<readonly StoredRecord[]>
  /** Offsets and keys of records: all that is needed of those whose turn is far. */
  keys(page: Omit<Page, keyof PageFilter>): Result<readonly { readonly offset: number; readonly key: string | null }[]>
  /** Next offset to be written. */
  end(topic: Topic): Result<number>
  /** Makes the caller the reader of these topics for the group, which is known from now on. */
  join(group: string, topics: readonly Topic[]): Promise<Result<readonly Claim[]>>
  change(change: Change): Promise<Result<void>>
  /** Of every group, or of one. */
  lag(group?: string): Result<readonly Lag[]>
  /** Calls `listener` after whatever a reader may wait for, until the returned function is called. */
  onChange(listener: () => void): () => void
  /** Interval, milliseconds, at which to look for what other processes wrote. Null where `onChange` hears of all changes. */
  readonly pollMs: number | null
  /** Lets timers and signals have their turn during a long replay. */
  nextTurn(): Promise<void>
}

/**
 * The right to read a topic for a group, and where that begins. `lost` aborts with `taken` (a later reader of the group) or
 * `rewound` (the group starts again further back).
 */
export type Claim = { readonly topic: Topic; readonly position: number; readonly lost: AbortSignal }

/** Largest value, bytes: what Kafka takes by default (message.max.bytes), so that no log holds what another cannot. */
export const MAX_VALUE_BYTES = 1_048_576

export const tooLarge = ({ topic, value }: EncodedRecord): Result<never> =>
  failed(
    failure(
      "log/too-large",
      `A record of ${topic} has ${value?.length ?? 0} bytes, more than the ${MAX_VALUE_BYTES} that a log takes.`,
    ),
  )

/** Bytes of a fact, or log/unencodable. */
export type EncodeFact = (fact: Fact) => Result<Uint8Array>

/** What is written for a fact or dead letter. Fails log/unencodable. */
export function encodeRecord(record: Fact | DeadLetter, encode: EncodeFact): Result<EncodedRecord> {
  if (record.topic === "dead-letter")
    return done({ topic: "dead-letter", key: null, headers: deadLetterHeaders(record), value: record.head })
  const value = encode(record)
  if (!value.ok) return value
  return done({ topic: record.topic, key: keyOf(record), headers: null, value: value.value })
}

/** What is read back. */
export function decodeRecord(
  kept: EncodedRecordAt,
  decode: (topic: Fact["topic"], value: Uint8Array | null) => Result<Fact>,
): StoredRecord {
  const { topic, offset, timestampMs, key } = kept
  const at: Coordinates = { topic, partition: 0, offset }
  const headers = kept.headers ?? {}
  if (topic !== "dead-letter") {
    const fact = decode(topic, kept.value)
    if (!fact.ok) {
      return { at, timestampMs, key, headers, content: { undecodable: { failure: fact.failure, bytes: kept.value } } }
    }
    const { value } = fact
    return {
      at,
      timestampMs,
      key,
      // Derived only when somebody asks: a replay of a million facts does not.
      get headers() {
        return kept.headers ?? cloudEventHeaders(value)
      },
      content: { fact: value },
    }
  }
  const deadLetter = deadLetterFrom(headers, kept.value)
  if (deadLetter !== null) return { at, timestampMs, key, headers, content: { deadLetter } }
  const wrong = failure("log/undecodable", "A record of dead-letter lacks the headers that say where it comes from.")
  return { at, timestampMs, key, headers, content: { undecodable: { failure: wrong, bytes: kept.value } } }
}
