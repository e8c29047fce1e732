import { randomUUID } from "node:crypto"
import type { Consumer, KafkaMessage } from "kafkajs"
import { done, type Failure, failed, type Result } from "../../events/result.ts"
import type { Brokers } from "../../kafka/index.ts"
import { type GroupTiming, type Hooks, joinGroup, type Membership } from "../../kafka/membership.ts"
import type { Extent } from "../../kafka/positions.ts"
import type { Names } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../../system/concurrency.ts"
import { unattended } from "../../system/unattended.ts"
import type { ReadOptions, StoredRecord, Topic } from "../index.ts"
import { createRoundRobin } from "../round-robin.ts"
import { type FetchedRecord, fetchedIn } from "./partition-buffer.ts"
import type { Positions } from "./positions.ts"
import type { ReadMessage } from "./records.ts"

/** After so long without a record the extents are asked for again: retention may have deleted what was left. */
const LOOK_AGAIN_MS = 5_000

/** Number of waiting records of a partition at which its fetching pauses, and at which it resumes. */
const MOST_WAITING = 2_000
const FEW_WAITING = 500

export type ReplayPorts = {
  readonly brokers: Brokers
  readonly names: Names
  readonly clock: Clock
  readonly timing: GroupTiming
  readonly positions: Positions
  readonly readMessage: ReadMessage
  /** Aborts when the log is closed. */
  readonly closing: AbortSignal
}

/** The port's `read`. A consumer group of its own carries it, to which nothing is ever committed. */
export async function* readFrom(
  of: ReplayPorts,
  topic: Topic,
  options: ReadOptions,
): AsyncGenerator<Result<StoredRecord>> {
  const { follow, sinceMs = 0 } = options
  const stop = follow === undefined ? of.closing : AbortSignal.any([follow, of.closing])
  const cursors = await cursorsOf(of.positions, topic, options)
  if (!cursors.ok) return yield cursors
  if (cursors.value.isOver()) return
  const reading = openReading(of, topic, { cursors: cursors.value, isFollowing: follow !== undefined })
  stop.addEventListener("abort", reading.wakeSignal.wake)
  try {
    while (!stop.aborted && !cursors.value.isOver()) {
      const next = cursors.value.take()
      reading.regulate()
      if (next?.message) {
        const record = await of.readMessage({ topic, partition: next.partition, message: next.message }, () => stop)
        if (record !== null && record.timestampMs >= sinceMs) yield done(record)
      } else if (next === undefined) {
        const broken = reading.failure()
        if (broken !== null) return yield failed(broken)
        await reading.more(stop)
      }
    }
  } finally {
    stop.removeEventListener("abort", reading.wakeSignal.wake)
    await reading.close()
  }
}

/** How far a replay is in one partition. */
export type ReplayCursor = {
  readonly partition: number
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
  takeIn(partition: number, fetched: readonly FetchedRecord[]): void
  /** The next record, of another partition at each turn; undefined when none waits. */
  take(): { readonly partition: number; readonly message: KafkaMessage | null } | undefined
  /** Whether each partition was read up to its end, and all of it was given. */
  isOver(): boolean
}

/** Where a replay begins and ends, per partition. */
export async function cursorsOf(
  positions: Pick<Positions, "extents" | "since">,
  topic: Topic,
  { from = 0, sinceMs = 0, follow }: ReadOptions,
): Promise<Result<ReplayCursors>> {
  const extents = await positions.extents(topic)
  if (!extents.ok) return extents
  const times = sinceMs > 0 ? await positions.since(topic, sinceMs) : null
  // Where the brokers cannot seek by time, everything is read, and what is older is left out.
  const startOf = ({ partition, low }: Extent): number =>
    Math.max(low, offsetFrom(from, topic, partition), times?.ok === true ? (times.value.get(partition) ?? low) : low)
  const all = extents.value.map((extent): ReplayCursor => {
    const until = follow === undefined ? extent.high : Number.POSITIVE_INFINITY
    return { partition: extent.partition, until, position: startOf(extent), waiting: 0 }
  })
  const turns = createRoundRobin<{ readonly cursor: ReplayCursor; readonly message: KafkaMessage | null }>()
  return done({
    all,
    takeIn: (partition, fetched) => {
      const cursor = all.find((one) => one.partition === partition)
      if (cursor === undefined) return
      for (const { offset, message } of fetched) {
        if (offset < cursor.position || offset >= cursor.until) continue
        turns.add([String(partition)], { cursor, message })
        cursor.waiting++
      }
      cursor.position = Math.max(cursor.position, (fetched.at(-1)?.offset ?? -1) + 1)
    },
    take: () => {
      const next = turns.take()
      if (next !== undefined) next.cursor.waiting--
      return next === undefined ? undefined : { partition: next.cursor.partition, message: next.message }
    },
    isOver: () => turns.size() === 0 && all.every(isRead),
  })
}

/** Where a reader that was told `from` begins in one partition. */
const offsetFrom = (from: NonNullable<ReadOptions["from"]>, topic: Topic, partition: number): number =>
  typeof from === "number" ? from : (from.find((at) => at.topic === topic && at.partition === partition)?.offset ?? 0)

const isRead = ({ position, until }: ReplayCursor): boolean => position >= until

type Reading = {
  readonly wakeSignal: WakeSignal
  /** Waits for more records, or for a reason to end. */
  more(stop: AbortSignal): Promise<void>
  /** Lets fetching pause or go on. */
  regulate(): void
  failure(): Failure | null
  close(): Promise<void>
}

type ReadingOf = { readonly cursors: ReplayCursors; readonly isFollowing: boolean }

function openReading(of: ReplayPorts, topic: Topic, { cursors, isFollowing }: ReadingOf): Reading {
  const { names, brokers, clock, timing } = of
  const name = names.topic(topic)
  const groupId = names.replay(randomUUID())
  const wakeSignal = createWakeSignal()
  let broken: Failure | null = null
  const fetching = regulated(cursors.all, name)
  const takeIn = (partition: number, fetched: readonly FetchedRecord[]): void => {
    cursors.takeIn(partition, fetched)
    fetching.regulate(member)
    wakeSignal.wake()
  }
  const end = (problem: Failure): void => {
    broken = problem
    wakeSignal.wake()
  }
  const hooks: Hooks = {
    onJoined: (_, consumer) => fetching.startOver(consumer),
    onBatch: (batch) => takeIn(batch.partition, fetchedIn(batch)),
    onPassed: (_, partition, offset) => takeIn(partition, [{ offset, message: null }]),
    onRebalancing: () => undefined,
    onOutage: (problem) => {
      brokers.observe({ kind: "outage", group: null, says: problem.says })
      // A reader that follows waits an outage out. A bounded read ends with it, and its caller decides.
      if (!isFollowing) end(problem)
    },
    onEnded: end,
    onBug: wakeSignal.fail,
  }
  const member = joinGroup({ brokers, clock, groupId, topics: [name], timing, hooks })
  return {
    wakeSignal,
    more: (stop) => waitForMore(of, { topic, cursors, wakeSignal, stop }),
    regulate: () => fetching.regulate(member),
    failure: () => broken,
    close: async () => {
      await member.leave()
      // Brokers would forget the empty group in time; until then it would be listed for nothing.
      await brokers.administer("Removing a replay's group", (admin) => admin.deleteGroups([groupId]))
    },
  }
}

type Wait = {
  readonly topic: Topic
  readonly cursors: ReplayCursors
  readonly wakeSignal: WakeSignal
  readonly stop: AbortSignal
}

async function waitForMore({ clock, positions }: ReplayPorts, wait: Wait): Promise<void> {
  const { topic, cursors, wakeSignal, stop } = wait
  const over = new AbortController()
  let isLate = false
  unattended(async () => {
    await clock.sleep(LOOK_AGAIN_MS, over.signal)
    isLate = !over.signal.aborted
    if (isLate) wakeSignal.wake()
  }, wakeSignal.fail)
  await wakeSignal.woken()
  over.abort()
  if (stop.aborted || !isLate) return
  const extents = await positions.extents(topic)
  for (const { partition, low } of extents.ok ? extents.value : []) {
    const cursor = cursors.all.find((one) => one.partition === partition)
    if (cursor !== undefined) cursor.position = Math.max(cursor.position, low)
  }
}

type RegulatedFetching = { startOver(consumer: Consumer): void; regulate(member: Membership): void }

/** Pauses and resumes the fetching of each partition. */
function regulated(cursors: readonly ReplayCursor[], topic: string): RegulatedFetching {
  const paused = new Set<ReplayCursor>()
  return {
    // The group has no offsets, so each join begins where this reader stands.
    startOver: (consumer) => {
      paused.clear()
      for (const { partition, position } of cursors) {
        consumer.seek({ topic, partition, offset: String(position) })
        consumer.resume([{ topic, partitions: [partition] }])
      }
    },
    regulate: (member) => {
      for (const cursor of cursors) {
        const { partition, waiting } = cursor
        if ((isRead(cursor) || waiting >= MOST_WAITING) && !paused.has(cursor)) {
          member.pause(topic, partition)
          paused.add(cursor)
        } else if (paused.has(cursor) && !isRead(cursor) && waiting <= FEW_WAITING) {
          member.resume(topic, partition)
          paused.delete(cursor)
        }
      }
    },
  }
}
