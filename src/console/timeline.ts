// A frame's facts on a line of time, on which nothing happened for most of it.

export type FactTold = {
  readonly topic: string
  readonly partition: number
  readonly offset: string | number
  readonly timestamp_ms: number
  readonly fact: Readonly<Record<string, unknown>>
}

/** A fact, and how far along the line it is drawn: 0 to 1. */
export type Moment = {
  readonly told: FactTold
  readonly place: number
  /** Since the one before. */
  readonly afterMs: number
  /** The time before it is drawn shorter than it was. */
  readonly isSqueezed: boolean
}

/** A pause is idle time where it is so many times as long as most, and at least this long. */
const IDLE_PAUSES = 4
const LEAST_IDLE_MS = 500

/** Each stretch of idle time is drawn as long as this share of all that is none. */
const IDLE_SHARE = 0.1

/** Facts in order of their time, idle time squeezed. */
export function timelineOf(facts: readonly FactTold[]): readonly Moment[] {
  const inOrder = facts.toSorted((one, other) => one.timestamp_ms - other.timestamp_ms)
  const pauses = inOrder.map((told, at) => Math.max(0, told.timestamp_ms - (inOrder[at - 1] ?? told).timestamp_ms))
  const idle = Math.max(LEAST_IDLE_MS, medianOf(pauses) * IDLE_PAUSES)
  const busy = pauses.reduce((sum, pause) => sum + (pause > idle ? 0 : pause), 0)
  const drawn = pauses.map((pause) => (pause > idle ? Math.max(1, busy * IDLE_SHARE) : pause))
  const whole = drawn.reduce((sum, pause) => sum + pause, 0)
  let until = 0
  return inOrder.map((told, at) => {
    until += drawn[at] ?? 0
    const afterMs = pauses[at] ?? 0
    return { told, place: whole === 0 ? 0 : until / whole, afterMs, isSqueezed: afterMs > idle }
  })
}

function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => value > 0).toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** An arrival of a source as the API tells it: what came of it, and how long that took. */
export type Attempt = {
  readonly element_id: string
  readonly trigger: string
  readonly arrived_at_ms: number
  readonly ended_at_ms: number | null
  readonly outcome: string | null
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
  readonly waited_ms: number | null
}

/** How long an arrival took until its outcome, of that in line, and in its stages; null while there is no outcome. */
export const spentOn = ({ arrived_at_ms: from, ended_at_ms: to, waited_ms: waitedMs, stages }: Attempt) =>
  to === null || waitedMs === null
    ? null
    : { wholeMs: Math.max(0, to - from), waitedMs, workedMs: stages.reduce((sum, { ms }) => sum + ms, 0) }

export type StageCost = { readonly stage: string; readonly ms: number; readonly share: number }

/** What each stage of the newest render took, by what its fact says. */
export function costOf(facts: readonly FactTold[]): readonly StageCost[] {
  const made = facts.findLast(({ topic }) => topic.endsWith("proxy-made"))
  const timings = made?.fact.timingsMs
  if (typeof timings !== "object" || timings === null) return []
  const stages = Object.entries(timings).flatMap(([stage, ms]) => (typeof ms === "number" ? [{ stage, ms }] : []))
  const whole = stages.reduce((sum, { ms }) => sum + ms, 0)
  return stages.map(({ stage, ms }) => ({ stage, ms, share: whole === 0 ? 0 : ms / whole }))
}
