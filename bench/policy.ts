import type { Policy } from "../topology/ports.ts"

/** What a worker of sixteen cores would have under way. */
export const policy: Policy = {
  credits: 256,
  lookAhead: 65_536,
  rendersInFlight: 16,
  sourcesHeld: 64,
  inspectionsInFlight: 16,
  mostAttempts: 4,
  backoffMs: 100,
  mostBackoffMs: 1000,
  mostSourceBytes: 2 ** 40,
  batchRows: 500,
  batchMs: 20,
  generatorVersion: "bench",
}
