import { settledAgain } from "../../topology/project/retry-movies.ts"
import type { OpenTarget } from "../deployment/roles.ts"
import { done, type Result } from "../events/result.ts"
import { requeueRows } from "../operations/requeue.ts"
import type { Table } from "../table/index.ts"
import type { ElementRow } from "../table/rows.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"
import type { Call, Ending } from "./command.ts"
import { type OpenFeed, runWithProgress } from "./run-with-progress.ts"
import { giveUp } from "./terminal/io.ts"
import { counted } from "./views/human.ts"
import { heldText, listFailures, tellBlocked } from "./views/report.ts"

/** Frames that are to be taken up again. */
export type RequeueRequest = {
  readonly trigger: "retry" | "reprocess"
  readonly force: boolean
  /** Rows of the elements to requeue; read once the tables have caught up with the log. */
  readonly rows: (table: Table) => Promise<Result<readonly ElementRow[]>>
  /** Rows of sequences whose movies are to be tried again; absent: of none. */
  readonly movies?: (table: Table) => Promise<Result<readonly SequenceRow[]>>
}

/** Appends a new arrival for each element and runs until all are done. No offset is moved back. */
async function requeueAndRun(
  call: Call,
  { records, installation }: Extract<OpenTarget, { kind: "folder" }>,
  request: RequeueRequest,
): Promise<Ending> {
  const { io } = call
  const asked = new Set<string>()
  const feedOf: OpenFeed = async (ports, counters) => async () => {
    const rows = await request.rows(ports.table)
    if (!rows.ok) return rows
    const movies = await retryMovies(call, ports, request)
    if (!movies.ok) return movies
    counters.found += rows.value.length
    for (const { key } of rows.value) asked.add(key)
    const { trigger, force } = request
    const queued = await requeueRows(ports, rows.value.map(done), { trigger, force })
    return queued.ok ? done(undefined) : queued
  }
  const outcome = await runWithProgress(
    call,
    { installation, records, selection: { has: (key) => asked.has(key) } },
    feedOf,
  )
  if (typeof outcome === "number") return outcome
  const { found, rendered, reused, failed } = outcome.counters
  io.stderr.write(
    `${counted(found, "frame")} taken up again: ${rendered} rendered, ${reused} up to date, ${failed} failed.\n${heldText(outcome.held)}`,
  )
  if (outcome.isStopped) return "stopped"
  if (outcome.blocked !== null) return tellBlocked(io, outcome.blocked)
  if (failed === 0) return 0
  const listed = await listFailures(records.table, installation.bucket, io)
  return listed.ok ? 1 : giveUp(io, listed.failure)
}

/** Settles the sequences once more whose movies are asked for; how many they are. */
async function retryMovies(
  { io, clock }: Call,
  { log, table }: Pick<OpenTarget["records"], "log" | "table">,
  { movies }: RequeueRequest,
): Promise<Result<number>> {
  const rows = movies === undefined ? done([]) : await movies(table)
  if (!rows.ok) return rows
  const facts = await settledAgain(log, rows.value, clock.nowMs())
  if (!facts.ok) return facts
  const appended = facts.value.length === 0 ? done(undefined) : await log.append(facts.value)
  if (!appended.ok) return appended
  if (facts.value.length > 0) io.stderr.write(`${counted(facts.value.length, "movie")} tried again.\n`)
  return done(facts.value.length)
}

/** Requeues frames. In a folder it runs until they are done; on servers it only queues them for the workers. */
export const requeue = (call: Call, opened: OpenTarget, request: RequeueRequest): Promise<Ending> =>
  opened.kind === "folder" ? requeueAndRun(call, opened, request) : queueForWorkers(call, opened.records, request)

async function queueForWorkers(call: Call, records: OpenTarget["records"], request: RequeueRequest): Promise<Ending> {
  const { io, clock, interrupts } = call
  const { log, table } = records
  const { rows, trigger, force } = request
  const asked = await rows(table)
  if (!asked.ok) return giveUp(io, asked.failure)
  const movies = await retryMovies(call, records, request)
  if (!movies.ok) return giveUp(io, movies.failure)
  const order = { trigger, force, stop: interrupts.drain }
  const queued = await requeueRows({ log, clock }, asked.value.map(done), order)
  if (!queued.ok) return giveUp(io, queued.failure)
  io.stderr.write(`${counted(queued.value, "frame")} queued again for the workers.\n`)
  return queued.value < asked.value.length ? "stopped" : 0
}
