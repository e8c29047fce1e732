import { BACKFILL, PROJECTOR, PROJECTORS, RENDERER } from "../../topology/graph.ts"
import { runInspector } from "../../topology/inspect/inspector.ts"
import type { Stopping } from "../../topology/ports.ts"
import { runProjector } from "../../topology/project/projector.ts"
import { runRemovals } from "../../topology/removals/removals.ts"
import { runRenderer } from "../../topology/render/renderer.ts"
import type { ProjectorService, WorkerService } from "../deployment/open-service.ts"
import type { Failure } from "../events/failure.ts"

/** Something that goes on until it is stopped; resolves with what made going on impossible, else null. */
export type Running = Promise<Failure | null>

/** Today's arrivals and removals, and beside them a backfill with a small share of its own. */
export function runWorker({ ports, backfill, followOutputs }: WorkerService, stopping: Stopping): readonly Running[] {
  const following = followOutputs(stopping.stop).then(() => null)
  const rest = backfill === null ? [] : [runRenderer({ ...ports, policy: backfill }, stopping, BACKFILL)]
  return [
    following,
    runRenderer(ports, stopping, RENDERER),
    runInspector(ports, stopping),
    runRemovals(ports, stopping),
    ...rest,
  ]
}

/** Of each group one process works and the others stand by. */
export const runProjectors = ({ ports }: ProjectorService, stopping: Stopping): readonly Running[] =>
  PROJECTORS.map((graph) => {
    const policy = graph === PROJECTOR ? { ...ports.policy, batchRows: ROWS_A_MERGE } : ports.policy
    return runProjector({ ...ports, policy }, stopping, graph)
  })

/**
 * A merge on a server takes about as long for 2,000 small rows, which fit into one statement, as for ten; and of a backlog's
 * facts half are arrivals, which are rows of the other table.
 */
const ROWS_A_MERGE = 4_000
