// What the server answers about how it goes.

import type { ElementRow } from "../table/rows.ts"

/** Something that could not be had now, and why. */
export type MissingPart = { readonly part: string; readonly code: string; readonly says: string }

export type StatusAnswer = {
  readonly version: string
  /** Elements by their state. */
  readonly states: Readonly<Partial<Record<ElementRow["state"], number>>> | null
  readonly missing: readonly MissingPart[]
}

/** How far a consumer group is. */
type Progress = {
  /** Processes in it, where the brokers tell. */
  readonly members: number | null
  /** Records that it has not acknowledged. */
  readonly lag: number
  readonly per_second: number | null
}

type StepCounts = {
  readonly ended: number
  readonly ms: number
  readonly retries: number
  readonly outage_waits: number
  readonly failures: number
  readonly last_trouble: { readonly code: string; readonly says: string; readonly at_ms: number } | null
}

export type StepAnswer = {
  readonly name: string
  readonly says: string
  readonly appends: readonly string[]
  readonly counts: StepCounts | null
}

type StageAnswer =
  | StepAnswer
  | { readonly on: string; readonly branches: Readonly<Record<string, readonly StageAnswer[]>> }

export type GroupAnswer = {
  readonly name: string
  readonly consumes: readonly string[]
  readonly beside: readonly string[]
  readonly fails_to: string | null
  readonly stages: readonly StageAnswer[]
  readonly progress: Progress | null
  /** Of the process that answers, where it is the one that works. */
  readonly work: { readonly in_flight: number; readonly finished: number; readonly set_aside: number } | null
}

export type TopologyAnswer = {
  readonly groups: readonly GroupAnswer[]
  /** Since when steps are counted; null where others do the work. */
  readonly counted_since_ms: number | null
}

export type FailureCodes = { readonly codes: readonly { readonly code: string; readonly count: number }[] }

/** All steps of a group, those of every branch included. */
export const stepsOf = (stages: readonly StageAnswer[]): readonly StepAnswer[] =>
  stages.flatMap((stage) => ("branches" in stage ? Object.values(stage.branches).flatMap(stepsOf) : [stage]))

/** Where what a group takes comes from, and where what it tells goes. */
export const flowOf = ({ name, consumes, beside, fails_to, stages }: GroupAnswer) => ({
  name,
  consumes: [...consumes, ...beside],
  appends: [
    ...new Set([...stepsOf(stages).flatMap(({ appends }) => appends), ...(fails_to === null ? [] : [fails_to])]),
  ],
})

/** The trouble that a group has had last; null where it has had none. */
export function lastTroubleOf({ stages }: GroupAnswer): StepCounts["last_trouble"] {
  const troubles = stepsOf(stages).flatMap(({ counts }) => counts?.last_trouble ?? [])
  return troubles.toSorted((one, other) => other.at_ms - one.at_ms)[0] ?? null
}

/** How often the steps of a group have tried again, and waited for a server. */
export function troubleCounts({ stages }: GroupAnswer): { readonly retries: number; readonly waits: number } {
  const counts = stepsOf(stages).flatMap((step) => step.counts ?? [])
  return {
    retries: counts.reduce((sum, { retries }) => sum + retries, 0),
    waits: counts.reduce((sum, { outage_waits: waits }) => sum + waits, 0),
  }
}
