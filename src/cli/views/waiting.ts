import type { Observation } from "../../../topology/ports.ts"
import type { Clock } from "../../system/clock.ts"
import { visible } from "../../system/visible.ts"

/** While an outage lasts it is said again, so that nobody takes a run that waits for one that hangs. */
const AGAIN_MS = 60_000

/** Says what the work waits for, each reason once a minute: an outage is no failure, and the run goes on after it. */
export function openWaiting(
  note: (line: string) => void,
  clock: Pick<Clock, "steadyMs">,
): (observation: Observation) => void {
  const saidAtMs = new Map<string, number>()
  return (observation) => {
    if (observation.kind !== "outage") return
    const { code, says } = observation.failure
    const nowMs = clock.steadyMs()
    if (nowMs - (saidAtMs.get(code) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    saidAtMs.set(code, nowMs)
    note(`waiting: ${code}: ${visible(says)} The work goes on by itself after that.`)
  }
}
