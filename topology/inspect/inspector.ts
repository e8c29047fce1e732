import type { Failure } from "../../src/events/failure.ts"
import { semaphore } from "../../src/system/semaphore.ts"
import { arrivalOf, runElements } from "../flow/run-elements.ts"
import { INSPECTOR, inspectionChain } from "../graph.ts"
import type { InspectorPorts, Stopping } from "../ports.ts"

/** Headers beyond 256 KiB at once: each may take as much memory as the limits allow, twice over. */
const LARGE_HEADERS = 2

/**
 * Inspects headers until `stopping.stop`, as a group of its own that waits for no render. Resolves with the failure that
 * made going on impossible, or null after an orderly stop.
 */
export function runInspector(given: InspectorPorts, stopping: Stopping): Promise<Failure | null> {
  const ports = { ...given, ending: stopping.stop }
  const lanes = {
    headers: semaphore(ports.policy.inspectionsInFlight, stopping.stop),
    largeHeaders: semaphore(LARGE_HEADERS, stopping.stop),
  }
  const way = inspectionChain(lanes).assemble(ports)
  const closingStage = INSPECTOR.steps.at(-1)?.name ?? INSPECTOR.name
  return runElements(ports, stopping, { graph: INSPECTOR, begin: arrivalOf, way, closingStage })
}
