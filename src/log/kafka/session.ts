import type { Failure } from "../../events/result.ts"
import type { Observe } from "../../kafka/index.ts"
import type { GroupTiming, Hooks, Membership } from "../../kafka/membership.ts"
import type { Names } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../../system/concurrency.ts"
import { unattended } from "../../system/unattended.ts"
import type { Subscription } from "../index.ts"
import {
  type AssignedPartitions,
  createAssignedPartitions,
  offsetsOf,
  partitionsIn,
  settleOffsets,
} from "./assigned-partitions.ts"
import { fetchedIn, type PartitionBuffer } from "./partition-buffer.ts"

/** What a member of a group is told of it. */
type Joining = Pick<Subscription, "group" | "topics" | "lookAhead" | "onHeld">

export type SessionPorts = {
  readonly names: Names
  readonly clock: Clock
  readonly timing: GroupTiming
  readonly observe: Observe
  readonly join: (subscription: Joining, hooks: Hooks, partitions: AssignedPartitions) => Membership
  /** Every session that is not over. */
  readonly sessions: Set<Session>
}

/** The membership of one subscription in its group. */
export type Session = {
  readonly partitions: AssignedPartitions
  /** Wakes the delivery when there may be a record, or a reason to end; fails with a bug that nobody waits for. */
  readonly wakeSignal: WakeSignal
  /** What ended the membership for good. */
  failure(): Failure | null
  /** Deliveries came back: they are done, or were never handed out and stay open. */
  returned(buffer: PartitionBuffer, offsets: readonly number[], isDone: boolean): void
  /** A delivery gives its credit back while it waits (-1), or takes it again (1). */
  credit(buffer: PartitionBuffer, change: -1 | 1): void
  /** Lets fetching pause or go on, as the partitions need it. */
  regulate(): void
  /** Moves the offsets to where they should be. */
  flush(): Promise<void>
  /** Delivers no more; leaves the group when everything that is out has come back. */
  drain(): void
  /** Moves the offsets and leaves the group, whatever is still out. */
  leave(): Promise<void>
}

type SessionState = {
  readonly of: SessionPorts
  readonly subscription: Joining
  readonly partitions: AssignedPartitions
  readonly wakeSignal: WakeSignal
  readonly over: AbortController
  isDraining: boolean
  broken: Failure | null
  leaving: Promise<void> | null
}

export function openSession(of: SessionPorts, subscription: Joining): Session {
  const partitions = createAssignedPartitions(subscription.lookAhead, subscription.onHeld)
  const wakeSignal = createWakeSignal()
  const over = new AbortController()
  const state: SessionState = {
    of,
    subscription,
    partitions,
    wakeSignal,
    over,
    isDraining: false,
    broken: null,
    leaving: null,
  }
  const changed = (): void => {
    committer.request()
    regulate(state, member)
    wakeSignal.wake()
    if (state.isDraining && partitions.out() === 0) unattended(leave, wakeSignal.fail)
  }
  const member = of.join(subscription, hooksOf(state, { changed, flush: () => committer.flush() }), partitions)
  const committer = committerOf(state, member)
  const leave = (): Promise<void> => {
    state.leaving ??= goAway(state, member, committer).then(() => void of.sessions.delete(session))
    return state.leaving
  }
  const session: Session = {
    partitions,
    wakeSignal,
    failure: () => state.broken,
    returned: (buffer, offsets, isDone) => {
      if (isDone) for (const offset of offsets) buffer.tracker.finish(offset)
      buffer.out = Math.max(0, buffer.out - offsets.length)
      changed()
    },
    credit: (buffer, change) => {
      if (!buffer.losing.signal.aborted) buffer.out = Math.max(0, buffer.out + change)
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

async function goAway({ over, partitions }: SessionState, member: Membership, committer: Committer): Promise<void> {
  await committer.flush()
  over.abort()
  await member.leave()
  partitions.reassign([])
}

const committerOf = ({ of, subscription, partitions, wakeSignal, over }: SessionState, member: Membership): Committer =>
  createCommitter({
    partitions,
    member,
    names: of.names,
    clock: of.clock,
    everyMs: of.timing.commitEveryMs,
    over: over.signal,
    onFailure: ({ says }) => of.observe({ kind: "outage", group: subscription.group, says }),
    onBug: wakeSignal.fail,
  })

type Reactions = { readonly changed: () => void; readonly flush: () => Promise<void> }

function hooksOf(state: SessionState, { changed, flush }: Reactions): Hooks {
  const { of, partitions, wakeSignal } = state
  const { group, topics } = state.subscription
  return {
    onJoined: (assignment, consumer) => {
      const held = partitionsIn(assignment, topics, of.names)
      const lost = partitions.reassign(held)
      // A partition that was lost while paused and comes back would stay paused.
      for (const [topic, partitions] of Object.entries(assignment)) consumer.resume([{ topic, partitions }])
      of.observe({ kind: "joined", group, held, partitions: held.length })
      if (lost > 0) of.observe({ kind: "lost", group, partitions: lost })
      changed()
    },
    onBatch: (batch) => {
      const [at] = partitionsIn({ [batch.topic]: [batch.partition] }, topics, of.names)
      if (at !== undefined) partitions.takeIn(at, fetchedIn(batch))
      changed()
    },
    onPassed: (topic, partition, offset) => {
      const [at] = partitionsIn({ [topic]: [partition] }, topics, of.names)
      if (at !== undefined) partitions.takeIn(at, [{ offset, message: null }])
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

function regulate({ of, partitions, isDraining }: SessionState, member: Membership): void {
  for (const buffer of partitions.all()) {
    const { topic, partition } = buffer.at
    const { isEnough, isLittle } = partitions.fill(buffer)
    // After a rejoin each partition is fetched at least once, which shows where the group's offset is.
    const isFull = buffer.mayCommit && (isDraining || isEnough)
    if (isFull && !buffer.paused) member.pause(of.names.topic(topic), partition)
    if (buffer.paused && !isFull && isLittle) member.resume(of.names.topic(topic), partition)
    buffer.paused = isFull || (buffer.paused && !isLittle)
  }
}

/** How often an unchanged offset is written again: a member that was late may have set it back. */
const ASSERT_EVERY_MS = 60_000

type Committer = {
  /** Moves the offsets soon. */
  request(): void
  /** Moves them now; resolves when it was tried. */
  flush(): Promise<void>
}

type Committing = {
  readonly partitions: AssignedPartitions
  readonly member: Pick<Membership, "commit">
  readonly names: Names
  readonly clock: Clock
  readonly everyMs: number
  /** Aborts when no more offsets are to be moved. */
  readonly over: AbortSignal
  readonly onFailure: (problem: Failure) => void
  /** Hears of a bug in the timers that move offsets. */
  readonly onBug: (bug: unknown) => void
}

/**
 * Moves the group's offsets to the low watermarks, at most every `everyMs`, one commit at a time. What could not be moved
 * is tried again; until it works a crash delivers again, and nothing is lost.
 */
export function createCommitter(of: Committing): Committer {
  let last: Promise<void> = Promise.resolve()
  let lastMs = Number.NEGATIVE_INFINITY
  let isScheduled = false

  const commit = async (onlyMoved: boolean): Promise<void> => {
    const due = of.partitions.due(onlyMoved)
    lastMs = of.clock.steadyMs()
    if (due.length === 0) return
    const moved = await of.member.commit(offsetsOf(due, of.names))
    if (moved.ok) return settleOffsets(due)
    of.onFailure(moved.failure)
    request()
  }
  const flush = (onlyMoved = true): Promise<void> => {
    last = last.then(() => commit(onlyMoved))
    return last
  }
  const keepAsserting = async (): Promise<void> => {
    for (;;) {
      await of.clock.sleep(ASSERT_EVERY_MS, of.over)
      if (of.over.aborted) return
      await flush(false)
    }
  }
  const request = (): void => {
    if (isScheduled || of.over.aborted) return
    isScheduled = true
    const waitMs = Math.max(0, lastMs + of.everyMs - of.clock.steadyMs())
    unattended(async () => {
      await of.clock.sleep(waitMs, of.over)
      isScheduled = false
      if (!of.over.aborted) await flush()
    }, of.onBug)
  }
  unattended(keepAsserting, of.onBug)
  return { request, flush: () => flush() }
}
