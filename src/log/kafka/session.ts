import type { Failure } from "../../events/failure.ts"
import type { Observe } from "../../kafka/index.ts"
import type { GroupTiming, Hooks, Membership } from "../../kafka/membership.ts"
import type { Clock } from "../../system/clock.ts"
import { unattended } from "../../system/unattended.ts"
import { createWakeSignal, type WakeSignal } from "../../system/wake-signal.ts"
import type { Subscription } from "../index.ts"
import { createLanes, type Lanes } from "./assigned-partitions.ts"
import { type Committer, createCommitter } from "./committing.ts"
import type { Lane } from "./partition-buffer.ts"
import { fetchedOf, placesOf } from "./places.ts"
import type { Names } from "./topic-names.ts"

export type Seating = {
  readonly names: Names
  readonly clock: Clock
  readonly timing: GroupTiming
  readonly observe: Observe
  readonly join: (subscription: Subscription, hooks: Hooks, lanes: Lanes) => Membership
  /** Every session that is not over. */
  readonly sessions: Set<Session>
}

/** One subscription's place in its group. */
export type Session = {
  readonly lanes: Lanes
  /** Rings when there may be something to deliver, or to end for; fails for a bug that nobody waits for. */
  readonly wakeSignal: WakeSignal
  /** What ended the membership for good. */
  failure(): Failure | null
  /** One delivery less is out: it is done, or goes back undelivered and stays open. */
  returned(lane: Lane, offset: number, isDone: boolean): void
  /** A delivery gives its credit back while it waits (-1), or takes it again (1). */
  credit(lane: Lane, change: -1 | 1): void
  /** Lets fetching pause or go on, as the lanes need it. */
  regulate(): void
  /** Moves the offsets to where they should be. */
  flush(): Promise<void>
  /** Delivers no more; leaves the group when everything that is out has come back. */
  drain(): void
  /** Moves the offsets and leaves the group, whatever is still out. */
  leave(): Promise<void>
}

type State = {
  readonly of: Seating
  readonly subscription: Subscription
  readonly lanes: Lanes
  readonly wakeSignal: WakeSignal
  readonly over: AbortController
  isDraining: boolean
  broken: Failure | null
  leaving: Promise<void> | null
}

export function openSession(of: Seating, subscription: Subscription): Session {
  const lanes = createLanes(subscription.lookAhead)
  const wakeSignal = createWakeSignal()
  const over = new AbortController()
  const state: State = { of, subscription, lanes, wakeSignal, over, isDraining: false, broken: null, leaving: null }
  const changed = (): void => {
    committer.request()
    regulate(state, member)
    wakeSignal.wake()
    if (state.isDraining && lanes.out() === 0) unattended(leave, wakeSignal.fail)
  }
  const member = of.join(subscription, hooksOf(state, { changed, flush: () => committer.flush() }), lanes)
  const committer = committerOf(state, member)
  const leave = (): Promise<void> => {
    state.leaving ??= goAway(state, member, committer).then(() => void of.sessions.delete(session))
    return state.leaving
  }
  const session: Session = {
    lanes,
    wakeSignal,
    failure: () => state.broken,
    returned: (lane, offset, isDone) => {
      if (isDone) lane.tracker.finish(offset)
      lane.out = Math.max(0, lane.out - 1)
      changed()
    },
    credit: (lane, change) => {
      if (!lane.losing.signal.aborted) lane.out = Math.max(0, lane.out + change)
    },
    regulate: () => regulate(state, member),
    flush: committer.flush,
    drain: () => {
      state.isDraining = true
      changed()
    },
    leave,
  }
  of.sessions.add(session)
  return session
}

async function goAway({ over, lanes }: State, member: Membership, committer: Committer): Promise<void> {
  await committer.flush()
  over.abort()
  await member.leave()
  lanes.reassign([])
}

const committerOf = ({ of, subscription, lanes, wakeSignal, over }: State, member: Membership): Committer =>
  createCommitter({
    lanes,
    member,
    names: of.names,
    clock: of.clock,
    everyMs: of.timing.commitEveryMs,
    over: over.signal,
    onFailure: ({ says }) => of.observe({ kind: "outage", group: subscription.group, says }),
    onBug: wakeSignal.fail,
  })

type Reactions = { readonly changed: () => void; readonly flush: () => Promise<void> }

function hooksOf(state: State, { changed, flush }: Reactions): Hooks {
  const { of, lanes, wakeSignal } = state
  const { group, topics } = state.subscription
  return {
    onJoined: (assignment, consumer) => {
      const places = placesOf(assignment, topics, of.names)
      const lost = lanes.reassign(places)
      // One that was lost while paused and is won back would stay paused.
      for (const [topic, partitions] of Object.entries(assignment)) consumer.resume([{ topic, partitions }])
      of.observe({ kind: "joined", group, held: places, partitions: places.length })
      if (lost > 0) of.observe({ kind: "lost", group, partitions: lost })
      changed()
    },
    onBatch: (batch) => {
      const [place] = placesOf({ [batch.topic]: [batch.partition] }, topics, of.names)
      if (place !== undefined) lanes.takeIn(place, fetchedOf(batch))
      changed()
    },
    onPassed: (topic, partition, offset) => {
      const [place] = placesOf({ [topic]: [partition] }, topics, of.names)
      if (place !== undefined) lanes.takeIn(place, [{ offset, message: null }])
      changed()
    },
    onRebalancing: () => unattended(flush, wakeSignal.fail),
    onOutage: ({ says }) => {
      of.observe({ kind: "outage", group, says })
      of.observe({ kind: "left", group })
    },
    onEnded: (problem) => {
      state.broken = problem
      wakeSignal.wake()
    },
    onBug: wakeSignal.fail,
  }
}

function regulate({ of, lanes, isDraining }: State, member: Membership): void {
  for (const lane of lanes.all()) {
    const { topic, partition } = lane.place
    const { isEnough, isLittle } = lanes.fill(lane)
    // One that is new after a rejoin fetches at least once, which shows where the group's offset is.
    const isFull = lane.mayCommit && (isDraining || isEnough)
    if (isFull && !lane.paused) member.pause(of.names.topic(topic), partition)
    if (lane.paused && !isFull && isLittle) member.resume(of.names.topic(topic), partition)
    lane.paused = isFull || (lane.paused && !isLittle)
  }
}
