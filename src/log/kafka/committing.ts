import type { Failure } from "../../events/failure.ts"
import type { Membership } from "../../kafka/membership.ts"
import type { Clock } from "../../system/clock.ts"
import { unattended } from "../../system/unattended.ts"
import type { Due, Lanes } from "./assigned-partitions.ts"
import type { Names } from "./topic-names.ts"

/** How often an unchanged offset is written again: a member that was late may have set it back. */
const ASSERT_EVERY_MS = 60_000

export type Committer = {
  /** Moves the offsets soon. */
  request(): void
  /** Moves them now; resolves when it was tried. */
  flush(): Promise<void>
}

type Committing = {
  readonly lanes: Lanes
  readonly member: Pick<Membership, "commit">
  readonly names: Names
  readonly clock: Clock
  readonly everyMs: number
  /** No more requests after this. */
  readonly over: AbortSignal
  readonly onFailure: (problem: Failure) => void
  /** A bug in what moves the offsets by itself. */
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
    const due = of.lanes.due(onlyMoved)
    lastMs = of.clock.steadyMs()
    if (due.length === 0) return
    const moved = await of.member.commit({ topics: offsetsOf(due, of.names) })
    if (moved.ok) return settle(due)
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

function settle(due: readonly Due[]): void {
  for (const { lane, offset } of due) {
    lane.committed = offset
    lane.tracker.settle()
  }
}

const offsetsOf = (due: readonly Due[], names: Names) =>
  [...Map.groupBy(due, ({ lane }) => names.topic(lane.place.topic))].map(([topic, each]) => ({
    topic,
    partitions: each.map(({ lane, offset }) => ({ partition: lane.place.partition, offset: String(offset) })),
  }))
