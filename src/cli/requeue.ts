import type { Installation } from "../deployment/deployment-target.ts"
import type { EmbeddedPorts, Records } from "../deployment/folder.ts"
import { done, type Result } from "../events/result.ts"
import { again } from "../ingest/listing/listing.ts"
import type { ElementRow } from "../table/rows.ts"
import type { Call, Ending } from "./command.ts"
import { type FeedOf, tellBlocked, workShown } from "./run-with-progress.ts"
import { giveUp } from "./terminal/io.ts"
import { counted } from "./views/format/human.ts"
import { listFailures } from "./views/report.ts"
import type { Opened } from "./with-place.ts"

export type Again = {
  readonly trigger: "retry" | "reprocess"
  readonly force: boolean
  /** Which elements; asked once the tables have caught up with the log. */
  readonly rows: (ports: Pick<EmbeddedPorts, "table">) => Promise<Result<readonly ElementRow[]>>
}

/** Appends the elements again and works until they are done: the log gets new arrivals, nothing is rewound. */
export async function workAgain(
  call: Call,
  { records, installation }: { records: Records; installation: Installation },
  ask: Again,
): Promise<Ending> {
  const { io, clock } = call
  const feedOf: FeedOf = async (ports, counters) => async () => {
    const rows = await ask.rows(ports)
    if (!rows.ok) return rows
    counters.found += rows.value.length
    const { trigger, force } = ask
    const nowMs = clock.nowMs()
    return rows.value.length === 0
      ? done(undefined)
      : ports.log.append(rows.value.map((row) => again(row, { trigger, force, nowMs })))
  }
  const shown = await workShown(call, { installation, records }, feedOf)
  if (typeof shown === "number") return shown
  const { found, rendered, reused, failed } = shown.counters
  io.stderr.write(
    `${counted(found, "frame")} taken up again: ${rendered} rendered, ${reused} up to date, ${failed} failed.\n`,
  )
  if (shown.isStopped) return "stopped"
  if (shown.blocked !== null) return tellBlocked(io, shown.blocked)
  if (failed === 0) return 0
  const listed = await listFailures(records.table, installation.bucket, io)
  return listed.ok ? 1 : giveUp(io, listed.failure)
}

/** In a folder works until they are done; on servers the workers do, and this only queues. */
export const takeUpAgain = (call: Call, opened: Opened, ask: Again): Promise<Ending> =>
  opened.kind === "folder" ? workAgain(call, opened, ask) : queueAgain(call, opened.records, ask)

/** Arrivals appended at once. */
const BATCH = 500

async function queueAgain(
  { io, clock, interrupts }: Call,
  { log, table }: Pick<EmbeddedPorts, "log" | "table">,
  { rows, trigger, force }: Again,
): Promise<Ending> {
  const asked = await rows({ table })
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

/** Rows of a query, or the first failure. */
export async function collect<T>(rows: AsyncIterable<Result<T>>): Promise<Result<readonly T[]>> {
  const all: T[] = []
  for await (const row of rows) {
    if (!row.ok) return row
    all.push(row.value)
  }
  return done(all)
}
