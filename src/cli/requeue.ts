import type { OpenTarget } from "../deployment/roles.ts"
import { done, type Result } from "../events/result.ts"
import { again } from "../ingest/listing/listing.ts"
import type { Table } from "../table/index.ts"
import type { ElementRow } from "../table/rows.ts"
import type { Call, Ending } from "./command.ts"
import { type OpenFeed, runWithProgress } from "./run-with-progress.ts"
import { giveUp } from "./terminal/io.ts"
import { counted } from "./views/human.ts"
import { listFailures, tellBlocked } from "./views/report.ts"

/** Frames that are to be taken up again. */
export type RequeueRequest = {
  readonly trigger: "retry" | "reprocess"
  readonly force: boolean
  /** Rows of the elements to requeue; read once the tables have caught up with the log. */
  readonly rows: (table: Table) => Promise<Result<readonly ElementRow[]>>
}

/** Appends a new arrival for each element and runs until all are done. No offset is moved back. */
async function requeueAndRun(
  call: Call,
  { records, installation }: Extract<OpenTarget, { kind: "folder" }>,
  request: RequeueRequest,
): Promise<Ending> {
  const { io, clock } = call
  const feedOf: OpenFeed = async (ports, counters) => async () => {
    const rows = await request.rows(ports.table)
    if (!rows.ok) return rows
    counters.found += rows.value.length
    const { trigger, force } = request
    const nowMs = clock.nowMs()
    return rows.value.length === 0
      ? done(undefined)
      : ports.log.append(rows.value.map((row) => again(row, { trigger, force, nowMs })))
  }
  const outcome = await runWithProgress(call, { installation, records }, feedOf)
  if (typeof outcome === "number") return outcome
  const { found, rendered, reused, failed } = outcome.counters
  io.stderr.write(
    `${counted(found, "frame")} taken up again: ${rendered} rendered, ${reused} up to date, ${failed} failed.\n`,
  )
  if (outcome.isStopped) return "stopped"
  if (outcome.blocked !== null) return tellBlocked(io, outcome.blocked)
  if (failed === 0) return 0
  const listed = await listFailures(records.table, installation.bucket, io)
  return listed.ok ? 1 : giveUp(io, listed.failure)
}

/** Requeues frames. In a folder it runs until they are done; on servers it only queues them for the workers. */
export const requeue = (call: Call, opened: OpenTarget, request: RequeueRequest): Promise<Ending> =>
  opened.kind === "folder" ? requeueAndRun(call, opened, request) : queueForWorkers(call, opened.records, request)

/** Arrivals appended at once. */
const BATCH = 500

async function queueForWorkers(
  { io, clock, interrupts }: Call,
  { log, table }: OpenTarget["records"],
  { rows, trigger, force }: RequeueRequest,
): Promise<Ending> {
  const asked = await rows(table)
  if (!asked.ok) return giveUp(io, asked.failure)
  let queued = 0
  while (queued < asked.value.length && !interrupts.drain.aborted) {
    const batch = asked.value.slice(queued, queued + BATCH)
    const nowMs = clock.nowMs()
    const appended = await log.append(batch.map((row) => again(row, { trigger, force, nowMs })))
    if (!appended.ok) return giveUp(io, appended.failure)
    queued += batch.length
  }
  io.stderr.write(`${counted(queued, "frame")} queued again for the workers.\n`)
  return queued < asked.value.length ? "stopped" : 0
}
