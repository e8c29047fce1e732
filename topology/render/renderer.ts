import type { Failure } from "../../src/events/failure.ts"
import { semaphore } from "../../src/system/semaphore.ts"
import { arrivalOf, runElements } from "../flow/run-elements.ts"
import { RENDERER, renderChain } from "../graph.ts"
import type { RendererPorts, Stopping } from "../ports.ts"
import { openDisplacedOutputs } from "./displaced-outputs.ts"

/**
 * Renders until `stopping.stop`, then finishes what is under way; what only waits for its turn stays unacknowledged.
 * Resolves with the failure that made going on impossible, or null after an orderly stop. `graph` says which topic:
 * today's arrivals, or those of a backfill.
 */
export function runRenderer(given: RendererPorts, stopping: Stopping, graph = RENDERER): Promise<Failure | null> {
  const ports = { ...given, ending: stopping.stop }
  const { sourcesHeld, rendersInFlight } = ports.policy
  const lanes = { sources: semaphore(sourcesHeld, stopping.stop), renders: semaphore(rendersInFlight, stopping.stop) }
  const displaced = openDisplacedOutputs(ports)
  const way = renderChain(lanes, displaced).assemble(ports)
  const elements = { graph, begin: arrivalOf, way, closingStage: "acknowledge" }
  return runElements(ports, stopping, elements).finally(displaced.close)
}
