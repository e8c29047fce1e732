import { GROUPS } from "../../topology/groups.ts"
import type { QueuePorts } from "../ingest/listing/queued-arrivals.ts"

const QUEUES = [GROUPS.renderer, GROUPS.backfill]

const ARRIVALS = new Set(QUEUES.flatMap(({ consumes }) => consumes))

/** Where arrivals wait, and where what became of them is told: as the graph has it. */
export const queueOf = ({ log, clock }: Pick<QueuePorts, "log" | "clock">): QueuePorts => ({
  log,
  clock,
  queues: QUEUES.map(({ group, consumes }) => ({ group, topics: consumes })),
  results: {
    group: GROUPS.projector.group,
    topics: GROUPS.projector.consumes.filter((topic) => !ARRIVALS.has(topic)),
  },
})
