import type { KafkaMessage } from "kafkajs"
import type { Topic } from "../index.ts"
import { createPartitionTracker, type PartitionTracker } from "../partition-tracker.ts"

export type Place = { readonly topic: Topic; readonly partition: number }

/** A record that was fetched, or the offset of one that nobody gets to see (transaction markers): then no message. */
export type Fetched = { readonly offset: number; readonly message: KafkaMessage | null }

/** One partition while this member holds it: what was fetched, what is out, what is done. */
export type Lane = {
  readonly place: Place
  readonly tracker: PartitionTracker
  /** Aborts when the partition is no longer this member's. */
  readonly losing: AbortController
  waiting: readonly Fetched[]
  /** Index of the next record in `waiting`. */
  next: number
  /** Records that have left `waiting` and whose turn has not come, and the bytes that they hold. */
  queued: number
  queuedBytes: number
  /** The last record that was taken in: what is fetched again after a rejoin is known by it. */
  takenUpTo: number
  /** Deliveries that are out and not acknowledged. */
  out: number
  committed: number | null
  /** False from a rejoin until the fetching shows that no other member moved the group's offset meanwhile. */
  mayCommit: boolean
  /** Whether its fetching is paused. */
  paused: boolean
}

/** Most records of a partition that are delivered above its committed offset: what a crash may deliver again. */
const MOST_PENDING = 100_000

export const laneAt = (place: Place): Lane => ({
  place,
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
export const backlogOf = ({ waiting, next, queued }: Lane): number => waiting.length - next + queued

/**
 * Whether fetching after a rejoin begins behind what this member has still to do: then another member had the partition
 * meanwhile, and moved the group's offset over it.
 */
export function isOvertaken({ mayCommit, tracker, waiting, next }: Lane, firstOffset: number): boolean {
  const open = tracker.watermark() ?? waiting[next]?.offset ?? firstOffset
  return !mayCommit && firstOffset > open
}

/** Takes fetched records in, except those that are known from before a rejoin. */
export function takeInto(lane: Lane, fetched: readonly Fetched[]): void {
  const fresh = fetched.filter(({ offset }) => offset > lane.takenUpTo)
  lane.mayCommit = true
  lane.waiting = [...lane.waiting.slice(lane.next), ...fresh]
  lane.next = 0
  lane.takenUpTo = fresh.at(-1)?.offset ?? lane.takenUpTo
}

/** The next message, now tracked. Offsets without one are done as soon as it is their turn. */
export function takeFrom(lane: Lane): KafkaMessage | null {
  for (;;) {
    const fetched = lane.waiting[lane.next]
    if (fetched === undefined || !lane.tracker.track(fetched.offset)) return null
    lane.next++
    // A message keeps the whole response that brought it in memory.
    if (lane.next === lane.waiting.length) clear(lane)
    if (fetched.message !== null) return fetched.message
    lane.tracker.finish(fetched.offset)
  }
}

/** The partition is somebody else's: what waits is dropped, what is out is not waited for. */
export function lose(lane: Lane): void {
  clear(lane)
  lane.queued = 0
  lane.queuedBytes = 0
  lane.out = 0
  lane.losing.abort()
}

function clear(lane: Lane): void {
  lane.waiting = []
  lane.next = 0
}
