import type { BegunRenders } from "../../deployment/begin-renders.ts"
import { renamedNote, secondStateNote } from "../../deployment/deployment-target.ts"
import { openTarget } from "../../deployment/index.ts"
import type { FolderRecords } from "../../deployment/roles.ts"
import type { ScanReport } from "../../ingest/listing/scan-report.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Ending } from "../command.ts"
import { surroundingsOf } from "../open-records.ts"
import { type RunSubject, runWithProgress } from "../run-with-progress.ts"
import type { PointedAt } from "../selection.ts"
import { giveUp } from "../terminal/io.ts"
import {
  heldText,
  listFailures,
  notInspectedText,
  removedText,
  runSummary,
  skippedText,
  tellBlocked,
  watchSummary,
} from "../views/report.ts"
import { listSequences } from "../views/sequences.ts"
import { feedOf } from "./run-feed.ts"

/** Makes what is missing in the folder, by processes that may have been begun for it. */
export async function runFolder(
  call: Call,
  { installation, selection }: PointedAt,
  begun: BegunRenders | null,
): Promise<Ending> {
  const target = { kind: "folder", installation } as const
  const opened = await openTarget(target, { mode: "own", command: "run" }, surroundingsOf(call))
  if (!opened.ok) return giveUp(call.io, opened.failure)
  const { records } = opened.value
  for (const note of [renamedNote(installation), secondStateNote(installation)])
    if (note !== null) call.io.stderr.write(`${visible(note)}\n`)
  const work = (observe: RunSubject["observe"] = null) =>
    runWith(call, { installation, selection, records, begun, observe })
  const ending =
    call.options.serve === true
      ? await (await import("./serve.ts")).servingWhile(call, installation, { records, work })
      : await work()
  await records.close()
  return ending
}

type Running = PointedAt & {
  readonly records: FolderRecords
  readonly begun: BegunRenders | null
} & Pick<RunSubject, "observe">

async function runWith(call: Call, running: Running): Promise<Ending> {
  const { io } = call
  const { installation, selection, records } = running
  const reports: ScanReport[] = []
  const first = { upToDate: null }
  const outcome = await runWithProgress(call, running, (ports, counters, held) =>
    feedOf(call, { installation, selection, ports, reports, first, counters, held }, records),
  )
  if (typeof outcome === "number") return outcome
  const summary =
    call.options.watch === true
      ? `${watchSummary(outcome, first.upToDate)}\n`
      : `${runSummary(outcome, reports, { ...installation, selection })}\n${removedText(reports)}`
  io.stderr.write(`${summary}${notInspectedText(outcome)}${skippedText(reports.at(-1))}${heldText(outcome.held)}`)
  const told = await listSequences(records.table, { ...installation, selection }, io)
  if (!told.ok) return giveUp(io, told.failure)
  const unlisted = reports.at(-1)?.unlisted ?? []
  for (const failure of unlisted) giveUp(io, failure)
  const failed = await listFailures(records.table, installation.bucket, io, selection)
  if (!failed.ok) return giveUp(io, failed.failure)
  if (outcome.blocked !== null) return tellBlocked(io, outcome.blocked)
  if (outcome.isStopped) return "stopped"
  return failed.value > 0 || unlisted.length > 0 ? 1 : 0
}
