import { done, type Result } from "../../events/result.ts"
import type { ReadOptions, Topic } from "../index.ts"
import type { Fetched } from "./partition-buffer.ts"
import type { Extent, Positions } from "./positions.ts"

/** Records of a partition that wait here before its fetching pauses, and at which it resumes. */
const MOST_WAITING = 2_000
const FEW_WAITING = 500

/** One partition of a replay. */
export type Track = {
  readonly partition: number
  /** First offset that is not read any more; endless when following. */
  readonly until: number
  /** Next offset to be taken in. */
  position: number
  waiting: readonly Fetched[]
  /** Index of the next record in `waiting`. */
  next: number
}

/** Where a replay begins and ends, per partition. */
export async function tracksOf(
  positions: Positions,
  topic: Topic,
  { from = 0, sinceMs = 0, follow }: ReadOptions,
): Promise<Result<readonly Track[]>> {
  const extents = await positions.extents(topic)
  if (!extents.ok) return extents
  const times = sinceMs > 0 ? await positions.since(topic, sinceMs) : null
  // A broker that cannot seek by time lets us read all and leave out what is older.
  const startOf = ({ partition, low }: Extent): number =>
    Math.max(low, offsetFrom(from, topic, partition), times?.ok === true ? (times.value.get(partition) ?? low) : low)
  return done(
    extents.value.map((extent) => ({
      partition: extent.partition,
      until: follow === undefined ? extent.high : Number.POSITIVE_INFINITY,
      position: startOf(extent),
      waiting: [],
      next: 0,
    })),
  )
}

/** Where a reader that was told `from` begins in one partition. */
const offsetFrom = (from: NonNullable<ReadOptions["from"]>, topic: Topic, partition: number): number =>
  typeof from === "number" ? from : (from.find((at) => at.topic === topic && at.partition === partition)?.offset ?? 0)

export function takeOnto(track: Track, fetched: readonly Fetched[]): void {
  const fresh = fetched.filter(({ offset }) => offset >= track.position && offset < track.until)
  track.waiting = [...track.waiting.slice(track.next), ...fresh]
  track.next = 0
  track.position = Math.max(track.position, (fetched.at(-1)?.offset ?? -1) + 1)
}

const waits = ({ waiting, next }: Track): number => waiting.length - next

/** The next record of the first track, from `turn` on, that has one. */
export function nextOn(
  tracks: readonly Track[],
  turn: number,
): { readonly track: Track; readonly fetched: Fetched } | null {
  for (let index = 0; index < tracks.length; index++) {
    const track = tracks[(turn + index) % tracks.length] as Track
    const fetched = track.waiting[track.next]
    if (fetched === undefined) continue
    track.next++
    return { track, fetched }
  }
  return null
}

const isRead = ({ position, until }: Track): boolean => position >= until

export const isOver = (tracks: readonly Track[]): boolean =>
  tracks.every((track) => isRead(track) && waits(track) === 0)

export const isFull = (track: Track): boolean => isRead(track) || waits(track) >= MOST_WAITING

export const hasRoom = (track: Track): boolean => !isRead(track) && waits(track) <= FEW_WAITING
