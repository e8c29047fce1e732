import { randomUUID } from "node:crypto"
import type { Consumer } from "kafkajs"
import { done, type Failure, failed, type Result } from "../../events/result.ts"
import type { Brokers } from "../../kafka/index.ts"
import { type GroupTiming, type Hooks, joinGroup, type Membership } from "../../kafka/membership.ts"
import type { Names } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../../system/concurrency.ts"
import { unattended } from "../../system/unattended.ts"
import type { ReadOptions, StoredRecord, Topic } from "../index.ts"
import { type FetchedRecord, fetchedIn } from "./partition-buffer.ts"
import type { Positions } from "./positions.ts"
import type { ReadMessage } from "./records.ts"
import { cursorsOf, isRead, type ReplayCursor, type ReplayCursors } from "./replay-cursors.ts"

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
  topics: readonly Topic[],
  options: ReadOptions,
): AsyncGenerator<Result<StoredRecord>> {
  const { follow } = options
  const stop = follow === undefined ? of.closing : AbortSignal.any([follow, of.closing])
  const cursors = await cursorsOf(of.positions, topics, options)
  if (!cursors.ok) return yield cursors
  if (cursors.value.isOver()) return
  const reading = openReading(of, topics, { cursors: cursors.value, isFollowing: follow !== undefined })
  stop.addEventListener("abort", reading.wakeSignal.wake)
  try {
    while (!stop.aborted && !cursors.value.isOver()) {
      const next = cursors.value.take()
      reading.regulate()
      if (next?.message) {
        const { at, message } = next
        const record = await of.readMessage({ ...at, message }, () => stop)
        if (record !== null && isWanted(record, options)) yield done(record)
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

const isWanted = (
  { timestampMs, key }: StoredRecord,
  { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY, key: wanted }: ReadOptions,
): boolean => timestampMs >= sinceMs && timestampMs < untilMs && (wanted === undefined || key === wanted)

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

function openReading(of: ReplayPorts, topics: readonly Topic[], { cursors, isFollowing }: ReadingOf): Reading {
  const { names, brokers, clock, timing } = of
  const known = new Map(topics.map((topic): [string, Topic] => [names.topic(topic), topic]))
  const groupId = names.replay(randomUUID())
  const wakeSignal = createWakeSignal()
  let broken: Failure | null = null
  const fetching = regulated(cursors.all, names)
  const takeIn = (name: string, partition: number, fetched: readonly FetchedRecord[]): void => {
    const topic = known.get(name)
    if (topic !== undefined) cursors.takeIn({ topic, partition }, fetched)
    fetching.regulate(member)
    wakeSignal.wake()
  }
  const end = (problem: Failure): void => {
    broken = problem
    wakeSignal.wake()
  }
  const hooks: Hooks = {
    onJoined: (_, consumer) => fetching.startOver(consumer),
    onBatch: (batch) => takeIn(batch.topic, batch.partition, fetchedIn(batch)),
    onPassed: (name, partition, offset) => takeIn(name, partition, [{ offset, message: null }]),
    onRebalancing: () => undefined,
    onOutage: (problem) => {
      brokers.observe({ kind: "outage", group: null, says: problem.says })
      // A reader that follows waits an outage out. A bounded read ends with it, and its caller decides.
      if (!isFollowing) end(problem)
    },
    onEnded: end,
    onBug: wakeSignal.fail,
  }
  const member = joinGroup({ brokers, clock, groupId, topics: [...known.keys()], timing, hooks })
  return {
    wakeSignal,
    more: (stop) => waitForMore(of, { topics, cursors, wakeSignal, stop }),
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
  readonly topics: readonly Topic[]
  readonly cursors: ReplayCursors
  readonly wakeSignal: WakeSignal
  readonly stop: AbortSignal
}

async function waitForMore({ clock, positions }: ReplayPorts, wait: Wait): Promise<void> {
  const { topics, cursors, wakeSignal, stop } = wait
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
  for (const topic of topics) {
    const extents = await positions.extents(topic)
    for (const { partition, low } of extents.ok ? extents.value : []) {
      const cursor = cursors.all.find(({ at }) => at.topic === topic && at.partition === partition)
      if (cursor !== undefined) cursor.position = Math.max(cursor.position, low)
    }
  }
}

type RegulatedFetching = { startOver(consumer: Consumer): void; regulate(member: Membership): void }

/** Pauses and resumes the fetching of each partition. */
function regulated(cursors: readonly ReplayCursor[], names: Names): RegulatedFetching {
  const paused = new Set<ReplayCursor>()
  return {
    // The group has no offsets, so each join begins where this reader stands.
    startOver: (consumer) => {
      paused.clear()
      for (const { at, position } of cursors) {
        const { topic, partition } = { topic: names.topic(at.topic), partition: at.partition }
        consumer.seek({ topic, partition, offset: String(position) })
        consumer.resume([{ topic, partitions: [partition] }])
      }
    },
    regulate: (member) => {
      for (const cursor of cursors) {
        const { at, waiting } = cursor
        const { topic, partition } = { topic: names.topic(at.topic), partition: at.partition }
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
