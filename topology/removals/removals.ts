import type { Fact } from "../../src/events/fact.ts"
import type { Failure } from "../../src/events/failure.ts"
import { runElements } from "../flow/run-elements.ts"
import { REMOVALS, removalChain } from "../graph.ts"
import type { ElementPorts, Stopping } from "../ports.ts"
import type { Reported } from "./confirm-removal.ts"

/**
 * Confirms reported removals until `stopping.stop`, as a group of its own: a HEAD waits for no render. Resolves with the
 * failure that made going on impossible, or null after an orderly stop.
 */
export function runRemovals(given: ElementPorts, stopping: Stopping): Promise<Failure | null> {
  const ports = { ...given, ending: stopping.stop }
  const way = removalChain().assemble(ports)
  const closingStage = REMOVALS.steps.at(-1)?.name ?? REMOVALS.name
  return runElements(ports, stopping, { graph: REMOVALS, begin: reportedIn, way, closingStage })
}

function reportedIn(fact: Fact): Reported | null {
  if (fact.topic !== "removal-reported") return null
  const { element, factId: causationId, sourceVersion, eventTimeMs, logicalTimeMs } = fact.value
  const begun = { element, causationId, source: null, renderKey: null, sourceVersion, eventTimeMs }
  return { ...begun, logicalTimeMs: logicalTimeMs ?? element.arrivedAtMs }
}
