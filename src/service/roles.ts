import { runGroup } from "../../topology/flow/run-group.ts"
import { BACKFILL, INSPECTOR, PROJECTOR, PROJECTORS, REMOVALS, RENDERER } from "../../topology/graph.ts"
import type { Stopping } from "../../topology/ports.ts"
import { runProjector } from "../../topology/project/projector.ts"
import type { ProjectorService, WorkerService } from "../deployment/open-service.ts"
import type { Failure } from "../events/failure.ts"

/** Something that goes on until it is stopped; resolves with what made going on impossible, else null. */
export type Running = Promise<Failure | null>

/** Today's arrivals and removals, and beside them a backfill with a small share of its own. */
export function runWorker({ ports, backfill, followOutputs }: WorkerService, stopping: Stopping): readonly Running[] {
  const following = followOutputs(stopping.stop).then(() => null)
  const rest = backfill === null ? [] : [runGroup(BACKFILL, { ...ports, policy: backfill }, stopping)]
  return [
    following,
    runGroup(RENDERER, ports, stopping),
    runGroup(INSPECTOR, ports, stopping),
    runGroup(REMOVALS, ports, stopping),
    ...rest,
  ]
}

/** Of each group one process works and the others stand by. */
export const runProjectors = ({ ports }: ProjectorService, stopping: Stopping): readonly Running[] =>
  PROJECTORS.map((projector) => {
    const policy = projector === PROJECTOR ? { ...ports.policy, batchRows: ROWS_A_MERGE } : ports.policy
    return runProjector(projector, { ...ports, policy }, stopping)
  })

/**
 * A merge on a server takes about as long for 2,000 small rows, which fit into one statement, as for ten; and of a backlog's
 * facts half are arrivals, which are rows of the other table.
 */
const ROWS_A_MERGE = 4_000
