import { INSPECTION_STAGES } from "../../../topology/inspect/inspect-source.ts"
import type { Observation } from "../../../topology/ports.ts"
import { CONFIRM_REMOVAL } from "../../../topology/removals/confirm-removal.ts"
import type { Counters } from "./progress.ts"

/**
 * Counters while they are counted, the frames whose header gave no rows, since their pictures are told apart, and those
 * that were deleted before their turn came.
 */
export type Counting = { -readonly [K in keyof Counters]: Counters[K] } & { notInspected: number; gone: number }

export const newCounters = (): Counting => ({
  found: 0,
  fetched: 0,
  rendered: 0,
  reused: 0,
  failed: 0,
  notInspected: 0,
  gone: 0,
})

/** Counts what the topology tells; whoever brings elements in counts `found`. */
export function count(counters: Counting, observation: Observation): void {
  if (observation.kind === "step" && observation.step === "fetch-source" && observation.ok) counters.fetched += 1
  if (observation.kind === "made" && observation.reused) counters.reused += 1
  if (observation.kind === "made" && !observation.reused) counters.rendered += 1
  if (observation.kind !== "failed") return
  if (INSPECTION_STAGES.has(observation.step)) counters.notInspected += 1
  else if (observation.failure.code === "source/gone") counters.gone += 1
  else if (observation.step !== CONFIRM_REMOVAL) counters.failed += 1
}
