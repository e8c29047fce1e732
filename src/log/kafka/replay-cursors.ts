import type { KafkaMessage } from "kafkajs"
import { allOf, done, type Result } from "../../events/result.ts"
import type { Extent } from "../../kafka/positions.ts"
import { partitionOf } from "../../kafka/producing.ts"
import type { ReadOptions, Topic } from "../index.ts"
import { createRoundRobin } from "../round-robin.ts"
import type { FetchedRecord, Partition } from "./partition-buffer.ts"
import type { Positions } from "./positions.ts"

/** How far a replay is in one partition. */
export type ReplayCursor = {
  readonly at: Partition
  /** First offset that is not read any more; endless when following. */
  readonly until: number
  /** The next offset to be taken in. */
  position: number
  /** Records that were taken in and not given yet. */
  waiting: number
}

/** The partitions of a replay, which take turns. */
export type ReplayCursors = {
  readonly all: readonly ReplayCursor[]
  /** Takes in what was fetched of a partition, as far as it belongs to the replay. */
  takeIn(at: Partition, fetched: readonly FetchedRecord[]): void
  /** The next record, of another partition at each turn; undefined when none waits. */
  take(): { readonly at: Partition; readonly message: KafkaMessage | null } | undefined
  /** Whether each partition was read up to its end, and all of it was given. */
  isOver(): boolean
}

/** Where a replay begins and ends, per partition. */
export async function cursorsOf(
  positions: Pick<Positions, "extents" | "since">,
  topics: readonly Topic[],
  options: ReadOptions,
): Promise<Result<ReplayCursors>> {
  const each = allOf(await Promise.all(topics.map((topic) => topicCursors(positions, topic, options))))
  if (!each.ok) return each
  const all = each.value.flat()
  const turns = createRoundRobin<{ readonly cursor: ReplayCursor; readonly message: KafkaMessage | null }>()
  return done({
    all,
    takeIn: ({ topic, partition }, fetched) => {
      const cursor = all.find(({ at }) => at.topic === topic && at.partition === partition)
      if (cursor === undefined) return
      for (const { offset, message } of fetched) {
        if (offset < cursor.position || offset >= cursor.until) continue
        turns.add([`${topic}/${partition}`], { cursor, message })
        cursor.waiting++
      }
      cursor.position = Math.max(cursor.position, (fetched.at(-1)?.offset ?? -1) + 1)
    },
    take: () => {
      const next = turns.take()
      if (next !== undefined) next.cursor.waiting--
      return next === undefined ? undefined : { at: next.cursor.at, message: next.message }
    },
    isOver: () => turns.size() === 0 && all.every(isRead),
  })
}

async function topicCursors(
  positions: Pick<Positions, "extents" | "since">,
  topic: Topic,
  { from = 0, sinceMs = 0, untilMs, key, follow }: ReadOptions,
): Promise<Result<ReplayCursor[]>> {
  const extents = await positions.extents(topic)
  if (!extents.ok) return extents
  const begins = sinceMs > 0 ? await positions.since(topic, sinceMs) : null
  const ends = untilMs === undefined ? null : await positions.since(topic, untilMs)
  const home = key === undefined ? null : partitionOf(key, extents.value.length)
  // Where the brokers cannot seek by time, everything is read, and what is older or younger is left out.
  const startOf = ({ partition, low }: Extent): number =>
    Math.max(low, offsetFrom(from, topic, partition), begins?.ok === true ? (begins.value.get(partition) ?? low) : low)
  const endOf = ({ partition, high }: Extent): number => {
    if (home !== null && home !== partition) return 0
    if (follow !== undefined) return Number.POSITIVE_INFINITY
    return Math.min(high, ends?.ok === true ? (ends.value.get(partition) ?? high) : high)
  }
  return done(
    extents.value.map((extent) => ({
      at: { topic, partition: extent.partition },
      until: endOf(extent),
      position: startOf(extent),
      waiting: 0,
    })),
  )
}

/** Where a reader that was told `from` begins in one partition. */
const offsetFrom = (from: NonNullable<ReadOptions["from"]>, topic: Topic, partition: number): number =>
  typeof from === "number" ? from : (from.find((at) => at.topic === topic && at.partition === partition)?.offset ?? 0)

/** Whether all of a partition was taken in. */
export const isRead = ({ position, until }: ReplayCursor): boolean => position >= until
