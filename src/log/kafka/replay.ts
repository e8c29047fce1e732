import { randomUUID } from "node:crypto"
import type { Consumer } from "kafkajs"
import type { Failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { Brokers } from "../../kafka/index.ts"
import { type GroupTiming, type Hooks, joinGroup, type Membership } from "../../kafka/membership.ts"
import type { Clock } from "../../system/clock.ts"
import { unattended } from "../../system/unattended.ts"
import { createWakeSignal, type WakeSignal } from "../../system/wake-signal.ts"
import type { ReadOptions, StoredRecord, Topic } from "../index.ts"
import type { Fetched } from "./partition-buffer.ts"
import { fetchedOf } from "./places.ts"
import type { Positions } from "./positions.ts"
import type { Readable } from "./reading.ts"
import type { Names } from "./topic-names.ts"
import { hasRoom, isFull, isOver, nextOn, type Track, takeOnto, tracksOf } from "./tracks.ts"

/** How long nothing may come before the extent is asked for again: retention may have taken what was left. */
const LOOK_AGAIN_MS = 5_000

export type Replaying = {
  readonly brokers: Brokers
  readonly names: Names
  readonly clock: Clock
  readonly timing: GroupTiming
  readonly positions: Positions
  readonly readable: Readable
  /** Aborts when the log is closed. */
  readonly closing: AbortSignal
}

/** The port's `read`. A consumer group of its own carries it, to which nothing is ever committed. */
export async function* readFrom(
  of: Replaying,
  topic: Topic,
  options: ReadOptions,
): AsyncGenerator<Result<StoredRecord>> {
  const { follow, sinceMs = 0 } = options
  const stop = follow === undefined ? of.closing : AbortSignal.any([follow, of.closing])
  const tracks = await tracksOf(of.positions, topic, options)
  if (!tracks.ok) return yield tracks
  if (isOver(tracks.value)) return
  const reading = openReading(of, topic, { tracks: tracks.value, isFollowing: follow !== undefined })
  stop.addEventListener("abort", reading.wakeSignal.wake)
  try {
    for (let turn = 0; !stop.aborted && !isOver(tracks.value); turn++) {
      const next = nextOn(tracks.value, turn)
      reading.regulate()
      if (next?.fetched.message) {
        const consumed = { topic, partition: next.track.partition, message: next.fetched.message }
        const record = await of.readable(consumed, () => stop)
        if (record !== null && record.timestampMs >= sinceMs) yield done(record)
      } else if (next === null) {
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

type Reading = {
  readonly wakeSignal: WakeSignal
  /** Waits for more, or until something is amiss. */
  more(stop: AbortSignal): Promise<void>
  /** Lets fetching pause or go on. */
  regulate(): void
  failure(): Failure | null
  close(): Promise<void>
}

type Read = { readonly tracks: readonly Track[]; readonly isFollowing: boolean }

function openReading(of: Replaying, topic: Topic, { tracks, isFollowing }: Read): Reading {
  const { names, brokers, clock, timing } = of
  const name = names.topic(topic)
  const groupId = names.replay(randomUUID())
  const wakeSignal = createWakeSignal()
  let broken: Failure | null = null
  const flow = createFlow(tracks, name)
  const takeIn = (partition: number, fetched: readonly Fetched[]): void => {
    const track = tracks.find((one) => one.partition === partition)
    if (track === undefined) return
    takeOnto(track, fetched)
    flow.regulate(member)
    wakeSignal.wake()
  }
  const end = (problem: Failure): void => {
    broken = problem
    wakeSignal.wake()
  }
  const hooks: Hooks = {
    onJoined: (_, consumer) => flow.startOver(consumer),
    onBatch: (batch) => takeIn(batch.partition, fetchedOf(batch)),
    onPassed: (_, partition, offset) => takeIn(partition, [{ offset, message: null }]),
    onRebalancing: () => undefined,
    onOutage: (problem) => {
      brokers.observe({ kind: "outage", group: null, says: problem.says })
      // Whoever follows waits an outage out; a bounded read ends, and its caller decides.
      if (!isFollowing) end(problem)
    },
    onEnded: end,
    onBug: wakeSignal.fail,
  }
  const member = joinGroup({ brokers, clock, groupId, topics: [name], timing, hooks })
  return {
    wakeSignal,
    more: (stop) => waitForMore(of, { topic, tracks, wakeSignal, stop }),
    regulate: () => flow.regulate(member),
    failure: () => broken,
    close: async () => {
      await member.leave()
      // Brokers forget an empty group in time; what nobody sees need not be there at all.
      await brokers.administer("Removing a replay's group", (admin) => admin.deleteGroups([groupId]))
    },
  }
}

type Wait = {
  readonly topic: Topic
  readonly tracks: readonly Track[]
  readonly wakeSignal: WakeSignal
  readonly stop: AbortSignal
}

async function waitForMore({ clock, positions }: Replaying, { topic, tracks, wakeSignal, stop }: Wait): Promise<void> {
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
    const track = tracks.find((one) => one.partition === partition)
    if (track !== undefined) track.position = Math.max(track.position, low)
  }
}

type Flow = { startOver(consumer: Consumer): void; regulate(member: Membership): void }

/** Pauses and resumes the fetching of each partition. */
function createFlow(tracks: readonly Track[], topic: string): Flow {
  const paused = new Set<Track>()
  return {
    // The group has no offsets, so each join begins where this reader stands.
    startOver: (consumer) => {
      paused.clear()
      for (const { partition, position } of tracks) {
        consumer.seek({ topic, partition, offset: String(position) })
        consumer.resume([{ topic, partitions: [partition] }])
      }
    },
    regulate: (member) => {
      for (const track of tracks) {
        if (isFull(track) && !paused.has(track)) {
          member.pause(topic, track.partition)
          paused.add(track)
        } else if (paused.has(track) && hasRoom(track)) {
          member.resume(topic, track.partition)
          paused.delete(track)
        }
      }
    },
  }
}
