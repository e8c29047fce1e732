import type { Observation } from "../../topology/ports.ts"
import type { Counters } from "./progress.ts"

/** Counters while they are counted. */
export type Counting = { -readonly [K in keyof Counters]: Counters[K] }

export const newCounters = (): Counting => ({ found: 0, fetched: 0, rendered: 0, reused: 0, failed: 0 })

/** Counts what the topology tells; whoever brings elements in counts `found`. */
export function count(counters: Counting, observation: Observation): void {
  if (observation.kind === "step" && observation.step === "fetch-source" && observation.ok) counters.fetched += 1
  if (observation.kind === "made" && observation.reused) counters.reused += 1
  if (observation.kind === "made" && !observation.reused) counters.rendered += 1
  if (observation.kind === "failed") counters.failed += 1
}
