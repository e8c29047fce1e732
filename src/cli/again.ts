import { done, type Result } from "../events/result.ts"
import { again } from "../ingest/listing.ts"
import type { ElementRow } from "../table/rows.ts"
import type { Call, Ending } from "./command.ts"
import { count, newCounters } from "./counters.ts"
import { counted } from "./format/human.ts"
import type { Installation } from "./installation.ts"
import { giveUp } from "./io.ts"
import { startProgress } from "./progress.ts"
import { listFailures } from "./report.ts"
import { openWorkPorts, type Records } from "./wire.ts"
import { type WorkPorts, workUntilDone } from "./work.ts"

export type Again = {
  readonly trigger: "retry" | "reprocess"
  readonly force: boolean
  /** Which elements; asked once the tables have caught up with the log. */
  readonly rows: (ports: WorkPorts) => Promise<Result<readonly ElementRow[]>>
}

/** Appends the elements again and works until they are done: the log gets new arrivals, nothing is rewound. */
export async function workAgain(
  call: Call,
  { records, installation }: { records: Records; installation: Installation },
  ask: Again,
): Promise<Ending> {
  const { io, clock, interrupts } = call
  const opened = await openWorkPorts(installation, records, call)
  if (!opened.ok) return giveUp(io, opened.failure)
  const ports = opened.value
  const missing = await ports.picture.missing()
  for (const failure of missing) giveUp(io, failure)
  if (missing.length > 0) return 3
  const counters = newCounters()
  const progress = startProgress({ stderr: io.stderr, clock, counters: () => counters })
  const feed = async (): Promise<Result<void>> => {
    const rows = await ask.rows(ports)
    if (!rows.ok) return rows
    counters.found += rows.value.length
    const { trigger, force } = ask
    const nowMs = clock.nowMs()
    return rows.value.length === 0
      ? done(undefined)
      : ports.log.append(rows.value.map((row) => again(row, { trigger, force, nowMs })))
  }
  const worked = await workUntilDone({
    ports,
    interrupts,
    feed,
    observe: (observation) => count(counters, observation),
  })
  progress.stop()
  if (worked.kind === "broken") return giveUp(io, worked.failure)
  const { found, rendered, reused, failed } = counters
  io.stderr.write(
    `${counted(found, "frame")} taken up again: ${rendered} rendered, ${reused} up to date, ${failed} failed.\n`,
  )
  if (worked.kind === "stopped") return "stopped"
  if (failed > 0) await listFailures(ports.table, installation.bucket, io)
  return failed > 0 ? 1 : 0
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
