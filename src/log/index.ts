/** The log: facts in the order in which they were appended. This is the port; its adapters are memory, SQLite and Kafka. */

import type { Fact, RecordByTopic } from "../events/fact.ts"
import type { Failure, Result } from "../events/result.ts"
import { FACT_TOPICS } from "../events/schemas.ts"

/** Every topic of the log, without prefix. `dead-letter` holds raw bytes, all others hold Avro facts. */
export type Topic = keyof RecordByTopic | "dead-letter"

/** Every topic of the log. */
export const TOPICS: readonly Topic[] = [...FACT_TOPICS, "dead-letter"]

/** Topics that are kept for ever, because a replay of them rebuilds the tables, or what a workflow knows. */
export const RESULT_TOPICS: readonly Topic[] = [
  "proxy-made",
  "source-inspected",
  "element-failed",
  "element-removed",
  "failure-dismissed",
  "sequence-frame",
  "sequence-stated",
  "sequence-settled",
  "movie-made",
  "review-made",
]

/** Where a record stands. Offsets are whole numbers below 2^53 and may have holes. */
export type Coordinates = { readonly topic: Topic; readonly partition: number; readonly offset: number }

/** Bytes that nobody could decode, and why. */
export type Undecodable = { readonly failure: Failure; readonly bytes: Uint8Array | null }

/** One record of the dead-letter topic: the first 4 KB of bytes that nobody could decode, and where they stood. */
export type DeadLetter = {
  readonly topic: "dead-letter"
  /** `topic` is the log's own, without prefix, or one that arrivals came from. */
  readonly at: { readonly topic: string; readonly partition: number; readonly offset: number }
  readonly says: string
  readonly lengthBytes: number
  /** sha256 of the whole value, hex. */
  readonly sha256: string
  readonly head: Uint8Array
}

export type StoredRecord = {
  readonly at: Coordinates
  /** When the log took the record in, epoch milliseconds. */
  readonly timestampMs: number
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly content:
    | { readonly fact: Fact }
    | { readonly undecodable: Undecodable }
    | { readonly deadLetter: DeadLetter }
}

export type Delivery = StoredRecord & {
  /**
   * The element is finished: appends `facts` (none is fine) and counts this record as done. The group's offset moves to
   * the low watermark, the first record that is not done, so nothing unfinished is ever skipped. An embedded log does
   * both in one transaction; any other appends, waits until the facts are durable, then moves the offset.
   * Fails with an outage, or with log/lost-ownership when another member has the partition by now (then drop the work).
   */
  acknowledge(facts?: readonly Fact[]): Promise<Result<void>>
  /** Aborts when this group member loses the partition: the work belongs to somebody else. */
  readonly lost: AbortSignal
  /**
   * The element waits for what concerns its directory alone, for as long as that takes: it gives its credit back, and no
   * more records of the directory are delivered where the subscription looks ahead. The function that it gives ends that;
   * the credit is taken again then, even where others have it by now. Both are safe to repeat.
   */
  setAside(): () => void
}

export type Subscription = {
  /** Consumer group: one per role (renderer, projector, inspector). A new one starts at the earliest record. */
  readonly group: string
  readonly topics: readonly Topic[]
  /** Most deliveries un-acknowledged at any time. */
  readonly credits: number
  /**
   * Records that are looked at ahead of those delivered, so that directories can take turns: ten frames of one need not
   * wait for fifty thousand of another. Only the order per key is promised then. Absent or 0: in offset order.
   */
  readonly lookAhead?: number
  /**
   * Hears of each partition that this member is given, before any of its records is delivered: for whoever has to know what
   * stands in it already. Called again for one that comes back. Must not throw.
   */
  readonly onHeld?: (partition: HeldPartition) => void
  /** Ends the iteration; deliveries already out may still be acknowledged. */
  readonly stop: AbortSignal
}

/** A subscription that takes its records page by page. */
export type PageSubscription = Omit<Subscription, "credits" | "lookAhead"> & {
  /** Most records of a page. */
  readonly most: number
}

/** Records of one partition that stand one behind the other, at least one: they are finished together. */
export type DeliveredPage = Pick<Delivery, "lost"> & {
  readonly records: readonly StoredRecord[]
  /** All of the page is finished; otherwise as for one record. */
  readonly acknowledge: Delivery["acknowledge"]
}

/** A partition that a member of a group holds; `lost` aborts when it is another's. */
export type HeldPartition = { readonly topic: Topic; readonly partition: number; readonly lost: AbortSignal }

/** Position of a group in one partition: the next offset to read, the next to be written, and how many are between. */
export type Lag = {
  readonly group: string
  readonly topic: Topic
  readonly partition: number
  readonly committed: number
  readonly end: number
  readonly lag: number
}

/** End of each partition of some topics: where a bounded read stops. */
export type LogEnd = readonly Coordinates[]

/** Append-only record of facts: the only truth. A rejection of any promise is a bug; the world's failures are values. */
export interface EventLog {
  /**
   * Appends all, durable when it resolves. One partition key keeps its order. Fails: log/unreachable, registry/*, and
   * log/unencodable or log/too-large when one of them cannot be written: then none is, and `appendApart` saves the others.
   */
  append(records: readonly (Fact | DeadLetter)[]): Promise<Result<void>>
  /**
   * At least once, in offset order per partition (per key where it looks ahead), from the group's offset; waits for more
   * until `stop`. Ends early only with a failure that cannot be waited out (log/refused); outages are waited out inside.
   */
  deliver(subscription: Subscription): AsyncIterable<Result<Delivery>>
  /**
   * The same for work that takes no time: all that waits in a partition at once, up to a limit. The next page of a partition
   * comes when the one before it is acknowledged, so that a page grows while another is worked on, and the order of a
   * partition is kept by whoever takes pages side by side.
   */
  deliverPages(subscription: PageSubscription): AsyncIterable<Result<DeliveredPage>>
  /**
   * Bounded replay: every record of the topics from `from` (default: earliest) up to the end at the time of the call, each
   * partition in the order of its offsets; between partitions there is no order.
   */
  read(topics: Topic | readonly Topic[], options?: ReadOptions): AsyncIterable<Result<StoredRecord>>
  /** Next offsets to be written, per partition: take it before a replay to know what the replay covers. */
  ends(topics: readonly Topic[]): Promise<Result<LogEnd>>
  /** Positions of every known group, or of one. */
  lag(group?: string): Promise<Result<readonly Lag[]>>
  /**
   * Calls `listener` after each append and each move of a group, until the returned function is called. Absent where others
   * may do either without this process hearing of it.
   */
  onChange?(listener: () => void): () => void
  close(): Promise<void>
}

export type ReadOptions = {
  /** First offset: of every partition, or of those that are listed; the others begin at their earliest. */
  readonly from?: number | readonly Coordinates[]
  /** Only records taken in at or after this time, epoch milliseconds. */
  readonly sinceMs?: number
  /** Only records taken in before this time, epoch milliseconds. */
  readonly untilMs?: number
  /** Only records with this partition key. An embedded log finds them by an index, Kafka reads the one partition of each topic. */
  readonly key?: string
  /** Goes on with new records until it aborts, instead of stopping at the end. */
  readonly follow?: AbortSignal
}
