import { BACKFILL, PROJECTOR, RENDERER } from "../../topology/graph.ts"
import type { QueuePorts } from "../ingest/queued-arrivals.ts"

const QUEUES = [RENDERER, BACKFILL]

const ARRIVALS = new Set(QUEUES.flatMap(({ consumes }) => consumes))

/** Where arrivals wait, and where what became of them is told: as the graph has it. */
export const queueOf = ({ log, clock }: Pick<QueuePorts, "log" | "clock">): QueuePorts => ({
  log,
  clock,
  queues: QUEUES.map(({ group, consumes }) => ({ group, topics: consumes })),
  results: { group: PROJECTOR.group, topics: PROJECTOR.consumes.filter((topic) => !ARRIVALS.has(topic)) },
})
