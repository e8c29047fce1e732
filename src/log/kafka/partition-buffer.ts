import type { Batch, KafkaMessage } from "kafkajs"
import type { Topic } from "../index.ts"
import { createPartitionTracker, type PartitionTracker } from "../partition-tracker.ts"

/** A partition of a topic of the log. */
export type Partition = { readonly topic: Topic; readonly partition: number }

/** A fetched record. `message` is null for an offset that holds nothing for readers, such as a transaction marker. */
export type FetchedRecord = { readonly offset: number; readonly message: KafkaMessage | null }

/** The records of a batch. Where its last offsets hold nothing for readers, its end is added as an offset without message. */
export function fetchedIn(batch: Batch): readonly FetchedRecord[] {
  const fetched: FetchedRecord[] = batch.messages.map((message) => ({ offset: Number(message.offset), message }))
  const endsAt = Number(batch.lastOffset() ?? -1)
  return endsAt > (fetched.at(-1)?.offset ?? -1) ? [...fetched, { offset: endsAt, message: null }] : fetched
}

/** One partition while this member holds it: what was fetched, what is out, what is done. */
export type PartitionBuffer = {
  readonly at: Partition
  readonly tracker: PartitionTracker
  /** Aborts when the partition is no longer this member's. */
  readonly losing: AbortController
  waiting: readonly FetchedRecord[]
  /** Index of the next record in `waiting`. */
  next: number
  /** Records that have left `waiting` and whose turn has not come, and the bytes that they hold. */
  queued: number
  queuedBytes: number
  /** Offset of the last record taken in, by which records that are fetched again after a rejoin are recognised. */
  takenUpTo: number
  /** Deliveries that are out and not acknowledged. */
  out: number
  committed: number | null
  /** False from a rejoin until a fetch shows that no other member moved the group's offset meanwhile. */
  mayCommit: boolean
  /** Whether its fetching is paused. */
  paused: boolean
}

/** Most records of a partition that are delivered above its committed offset: what a crash may deliver again. */
const MOST_PENDING = 100_000

export const partitionBuffer = (at: Partition): PartitionBuffer => ({
  at,
  tracker: createPartitionTracker(MOST_PENDING),
  losing: new AbortController(),
  waiting: [],
  next: 0,
  queued: 0,
  queuedBytes: 0,
  takenUpTo: -1,
  out: 0,
  committed: null,
  mayCommit: true,
  paused: false,
})

/** Fetched records that wait. */
export const backlogOf = ({ waiting, next, queued }: PartitionBuffer): number => waiting.length - next + queued

/**
 * Whether fetching after a rejoin begins behind what this member has still to do: then another member had the partition
 * meanwhile, and moved the group's offset over it.
 */
export function isOvertaken({ mayCommit, tracker, waiting, next }: PartitionBuffer, firstOffset: number): boolean {
  const open = tracker.watermark() ?? waiting[next]?.offset ?? firstOffset
  return !mayCommit && firstOffset > open
}

/** Takes fetched records in, except those that are known from before a rejoin. */
export function takeInto(buffer: PartitionBuffer, fetched: readonly FetchedRecord[]): void {
  const fresh = fetched.filter(({ offset }) => offset > buffer.takenUpTo)
  buffer.mayCommit = true
  buffer.waiting = [...buffer.waiting.slice(buffer.next), ...fresh]
  buffer.next = 0
  buffer.takenUpTo = fresh.at(-1)?.offset ?? buffer.takenUpTo
}

/** The next message, now tracked. Offsets without one are done as soon as it is their turn. */
export function takeFrom(buffer: PartitionBuffer): KafkaMessage | null {
  for (;;) {
    const fetched = buffer.waiting[buffer.next]
    if (fetched === undefined || !buffer.tracker.track(fetched.offset)) return null
    buffer.next++
    // Not kept longer than needed: a message holds the whole response that brought it in memory.
    if (buffer.next === buffer.waiting.length) clear(buffer)
    if (fetched.message !== null) return fetched.message
    buffer.tracker.finish(fetched.offset)
  }
}

/** Another member has the partition now: waiting records are dropped, and deliveries that are out no longer count. */
export function abandon(buffer: PartitionBuffer): void {
  clear(buffer)
  buffer.queued = 0
  buffer.queuedBytes = 0
  buffer.out = 0
  buffer.losing.abort()
}

function clear(buffer: PartitionBuffer): void {
  buffer.waiting = []
  buffer.next = 0
}
