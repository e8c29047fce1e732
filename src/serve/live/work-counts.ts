import type { Observation } from "../../../topology/ports.ts"

/** What a step of this process has done since its start. */
export type StepCounts = {
  /** Ended, well or not, and the time of all of them, waiting and further tries included, milliseconds. */
  readonly ended: number
  readonly ms: number
  readonly retries: number
  readonly outage_waits: number
  readonly failures: number
  /** The last failure that was waited out or tried again, and when. */
  readonly last_trouble: { readonly code: string; readonly says: string; readonly at_ms: number } | null
}

/** What a group of this process has done since its start. */
export type GroupWork = {
  readonly in_flight: number
  readonly finished: number
  /** Frames that wait for a folder that cannot be written. */
  readonly set_aside: number
}

/** Counts what the groups of the process that also serves do. */
export type WorkCounts = {
  /** Must not throw. */
  readonly observe: (observation: Observation) => void
  readonly sinceMs: number
  readonly ofStep: (step: string) => StepCounts
  readonly ofGroup: (topology: string) => GroupWork
}

const NO_STEPS: StepCounts = { ended: 0, ms: 0, retries: 0, outage_waits: 0, failures: 0, last_trouble: null }
const NO_WORK: GroupWork = { in_flight: 0, finished: 0, set_aside: 0 }

export function openWorkCounts(clock: { readonly nowMs: () => number }): WorkCounts {
  const steps = new Map<string, StepCounts>()
  const groups = new Map<string, GroupWork>()
  const ofStep = (step: string): StepCounts => steps.get(step) ?? NO_STEPS
  const ofGroup = (topology: string): GroupWork => groups.get(topology) ?? NO_WORK
  const step = (name: string, change: Partial<StepCounts>): void => void steps.set(name, { ...ofStep(name), ...change })
  const group = (name: string, change: Partial<GroupWork>): void =>
    void groups.set(name, { ...ofGroup(name), ...change })
  return {
    sinceMs: clock.nowMs(),
    ofStep,
    ofGroup,
    observe: (seen) => {
      if (seen.kind === "step") {
        const { ended, ms } = ofStep(seen.step)
        step(seen.step, { ended: ended + 1, ms: ms + seen.ms })
      } else if (seen.kind === "retry" || seen.kind === "outage") {
        const { retries, outage_waits: waits } = ofStep(seen.step)
        const counted = seen.kind === "retry" ? { retries: retries + 1 } : { outage_waits: waits + 1 }
        const { code, says } = seen.failure
        step(seen.step, { ...counted, last_trouble: { code, says, at_ms: clock.nowMs() } })
      } else if (seen.kind === "failed") step(seen.step, { failures: ofStep(seen.step).failures + 1 })
      else if ("topology" in seen) group(seen.topology, changed(ofGroup(seen.topology), seen.kind))
    },
  }
}

type GroupKind = Extract<Observation, { readonly topology: string }>["kind"]

function changed({ in_flight: inFlight, finished, set_aside: aside }: GroupWork, kind: GroupKind): Partial<GroupWork> {
  if (kind === "taken") return { in_flight: inFlight + 1 }
  if (kind === "finished") return { in_flight: Math.max(0, inFlight - 1), finished: finished + 1 }
  if (kind === "dropped") return { in_flight: Math.max(0, inFlight - 1) }
  return { set_aside: Math.max(0, aside + (kind === "set-aside" ? 1 : -1)) }
}
