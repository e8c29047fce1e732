import { done, type Result } from "../../events/result.ts"
import type { GroupPositions } from "../../kafka/positions.ts"
import type { Lag } from "../../log/index.ts"

/** How far a consumer group is. */
export type GroupProgress = {
  readonly group: string
  /** Processes in it; null where nobody tells, and in a folder, which has one process. */
  readonly members: number | null
  readonly has_begun: boolean
  /** Records that it has not acknowledged. */
  readonly lag: number
  /** Records a second that it acknowledged in the last minute; null while it was not looked at long enough. */
  readonly per_second: number | null
  readonly topics: readonly { readonly topic: string; readonly lag: number; readonly end: number }[]
}

type Position = { readonly topic: string; readonly committed: number; readonly end: number; readonly lag: number }

/** A group as it was seen once. */
export type SeenGroup = Pick<GroupProgress, "group" | "members" | "has_begun"> & {
  readonly positions: readonly Position[]
}

/** Groups of an embedded log. */
export const seenInLog = (lags: readonly Lag[]): readonly SeenGroup[] =>
  [...Map.groupBy(lags, ({ group }) => group)].map(([group, positions]) => ({
    ...{ group, members: null, has_begun: true, positions },
  }))

/** Groups as the brokers know them, by their names without the prefix. */
export const seenByBrokers = (groups: readonly GroupPositions[], prefix: string): readonly SeenGroup[] =>
  groups.map(({ groupId, members, hasBegun, positions }) => ({
    ...{ group: withoutPrefix(groupId, prefix), members, has_begun: hasBegun },
    positions: positions.map((one) => ({ ...one, topic: withoutPrefix(one.topic, prefix) })),
  }))

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : name

/** Rates are those of so long, and not told of less than the second. */
const WINDOW_MS = 60_000
const LEAST_MS = 5_000

type Sample = { readonly atMs: number; readonly committed: ReadonlyMap<string, number> }

/** Remembers what was seen in the last minute, for rates. */
export function progressOver(): (groups: readonly SeenGroup[], atMs: number) => readonly GroupProgress[] {
  let samples: readonly Sample[] = []
  return (groups, atMs) => {
    const committed = new Map(groups.map(({ group, positions }) => [group, sum(positions, "committed")]))
    const first = samples.find((sample) => atMs - sample.atMs <= WINDOW_MS)
    samples = [...samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS), { atMs, committed }]
    return groups.map(({ positions, ...seen }) => ({
      ...seen,
      lag: sum(positions, "lag"),
      per_second: rateSince(first, seen.group, { atMs, committed }),
      topics: [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, each]) => ({
        ...{ topic, lag: sum(each, "lag"), end: sum(each, "end") },
      })),
    }))
  }
}

const sum = (positions: readonly Position[], of: "committed" | "end" | "lag"): number =>
  positions.reduce((total, position) => total + position[of], 0)

function rateSince(first: Sample | undefined, group: string, { atMs, committed }: Sample): number | null {
  const before = first?.committed.get(group)
  if (first === undefined || before === undefined || atMs - first.atMs < LEAST_MS) return null
  const moved = Math.max(0, (committed.get(group) ?? 0) - before)
  return Math.round((moved * 100_000) / (atMs - first.atMs)) / 100
}

/**
 * An answer that is given again for twenty times as long as it took, so that however many ask, asking takes a twentieth of
 * the time; those who ask at once share it. A failure is not kept.
 */
export function sharedAnswer<T>(
  clock: { readonly steadyMs: () => number },
  ask: () => Promise<Result<T>>,
): () => Promise<Result<T>> {
  let kept: { readonly value: T; readonly untilMs: number } | null = null
  let asking: Promise<Result<T>> | null = null
  const begin = async (): Promise<Result<T>> => {
    const begunMs = clock.steadyMs()
    const answer = await ask()
    const nowMs = clock.steadyMs()
    kept = answer.ok ? { value: answer.value, untilMs: nowMs + Math.max(1_000, 20 * (nowMs - begunMs)) } : null
    return answer
  }
  return () => {
    if (kept !== null && clock.steadyMs() < kept.untilMs) return Promise.resolve(done(kept.value))
    asking ??= begin().finally(() => {
      asking = null
    })
    return asking
  }
}
