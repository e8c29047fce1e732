import type { Config } from "../../config/index.ts"
import { endingsOf } from "../../config/table-folder.ts"
import type { BlockedFrames } from "../../deployment/blocked-folders.ts"
import { endingsText } from "../../element/source.ts"
import { collect, done, type Result } from "../../events/result.ts"
import type { HeldSequence } from "../../ingest/listing/held-sequences.ts"
import type { ScanReport } from "../../ingest/listing/scan-report.ts"
import type { SkippedLink } from "../../store/index.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { RunOutcome } from "../run-with-progress.ts"
import type { Selection } from "../selection.ts"
import { type ExitCode, giveUp, type Io } from "../terminal/io.ts"
import { tell } from "../terminal/streams.ts"
import { counted, humanDuration } from "./human.ts"
import { sequenceName } from "./sequence/table.ts"

/** Says on stderr which elements failed and why, of all or of those that are asked about; gives their number. */
export async function listFailures(
  table: Table,
  bucket: string,
  io: Io,
  selection: Pick<Selection, "has"> | null = null,
): Promise<Result<number>> {
  const failures = await collect(table.elements({ states: ["failed"], bucket }))
  if (!failures.ok) return failures
  const rows = failures.value.filter(({ key }) => selection?.has(key) !== false)
  if (rows.length === 0) return done(0)
  await tell(
    io,
    `${counted(rows.length, "frame")} failed (\`failures list\` tells more, \`failures retry\` tries again):\n`,
  )
  for (const { key, failure_code, failure_says } of rows)
    await tell(io, `  ${visible(key)}: ${failure_code}: ${visible(failure_says ?? "")}\n`)
  return done(rows.length)
}

/** Of a listing; nothing where there are none. */
export const dismissedText = (dismissed: number): string => (dismissed === 0 ? "" : `, ${dismissed} dismissed`)

/** Of a listing; nothing where there are none. */
export const unsupportedText = (unsupported: number): string =>
  unsupported === 0
    ? ""
    : ` ${counted(unsupported, "other file")} left out, by ${unsupported === 1 ? "its ending" : "their endings"}.`

/** Of a listing that was about some frames only; nothing where it left none out. */
export const leftOutText = (leftOut: number): string =>
  leftOut === 0 ? "" : ` ${counted(leftOut, "other frame")} not asked for.`

/** Text for a listing that found no frame: none is there, or none of those that are. */
export function noFramesText(
  config: Config,
  selection: Selection | null,
  { leftOut, unsupported }: ScanReport,
): string {
  const endings = endingsText(endingsOf(config))
  const others = unsupportedText(unsupported)
  if (selection === null) return `there are no frames here. Looked for ${endings}, in all folders below.${others}`
  const where = leftOut === 0 ? "there are no frames" : `none of ${counted(leftOut, "frame")} is what was asked for`
  return `${where}: ${visible(selection.says)}. Looked for ${endings} ${selection.prefix === "" ? "in the whole folder" : `below ${visible(selection.prefix)}`}.${others}`
}

/** Links that are named. */
const MOST_LINKS = 5

const LEADS_TO: Record<SkippedLink, string> = {
  folder: "is a link to a folder in here, whose frames are made where they are",
  nowhere: "is a link that leads nowhere: left out",
  circle: "is a link that leads in a circle: left out",
}

/** Says which links a listing passed over; nothing where there were none. */
export function skippedText(report: ScanReport | undefined): string {
  const skipped = report?.skipped ?? []
  const lines = skipped.slice(0, MOST_LINKS).map(({ key, leadsTo }) => `note: ${visible(key)} ${LEADS_TO[leadsTo]}.\n`)
  const more = skipped.length - MOST_LINKS
  return lines.join("") + (more > 0 ? `note: So it is for ${counted(more, "more link")}.\n` : "")
}

/** Sequences that are listed as waiting. */
const MOST_HELD = 10

/** Says why there is no new movie of sequences that the run was about. */
export function heldText(held: readonly HeldSequence[]): string {
  const lines = held.slice(0, MOST_HELD).map((one) => {
    return `${visible(sequenceName(one))}: no movie and no report in this run, which left ${counted(one.leftOut, "frame")} of it out. A run of all its frames makes them.\n`
  })
  const more = held.length - MOST_HELD
  return lines.join("") + (more > 0 ? `So it is for ${counted(more, "more sequence")}.\n` : "")
}

/** What a dry run found; each frame is in exactly one of the counts. */
export function dryRunSummary({
  arrived,
  alreadyQueued,
  current,
  failedForGood,
  dismissed,
  removed,
  unsupported,
  leftOut,
}: ScanReport): string {
  const others = `${current} up to date, ${failedForGood.length} failed for good${dismissedText(dismissed)}`
  const gone = removed === 0 ? "" : ` ${counted(removed, "frame")} removed since the last run.`
  return `Would render ${counted(arrived + alreadyQueued, "frame")}; ${others}.${gone}${leftOutText(leftOut)}${unsupportedText(unsupported)}`
}

/** What a run did, as its last line says it. */
export function runSummary(
  { counters, ms, isStopped, blocked }: RunOutcome,
  [report]: readonly ScanReport[],
  { config, selection }: { readonly config: Config; readonly selection: Selection | null },
): string {
  const { found, rendered, reused, failed, gone } = counters
  if (isStopped && found > rendered + reused + failed + gone)
    return `Stopped: ${counted(rendered, "frame")} rendered, ${failed} failed, the rest is for the next run.`
  const current = (report?.current ?? 0) + reused
  if (report?.found === 0 && report.unlisted.length === 0 && rendered === 0 && failed === 0)
    return `Nothing to do: ${noFramesText(config, selection, report)}`
  const others = leftOutText(report?.leftOut ?? 0)
  if (rendered === 0 && failed === 0 && blocked === null)
    return `Nothing to do: ${counted(current, "frame")} up to date.${others}`
  const perSecond = rendered / Math.max(ms / 1000, 0.001)
  const result = `${counted(rendered, "frame")} rendered in ${(ms / 1000).toFixed(1)} s (${perSecond.toFixed(2)}/s), ${current} up to date, ${failed} failed.${others}`
  return gone === 0 ? result : `${result} ${counted(gone, "frame")} gone before their turn came.`
}

/** What a watch saw and did, from its beginning to its end. */
export function watchSummary({ counters, ms }: RunOutcome, upToDate: number | null): string {
  const { found, rendered, reused, failed, gone, removed, movies } = counters
  const left = found - rendered - reused - failed - gone
  const parts = [
    `Watched for ${humanDuration(ms)}: ${counted(found, "frame")} arrived`,
    `${rendered} rendered`,
    ...(reused > 0 ? [`${reused} reused`] : []),
    `${failed} failed`,
    ...(removed.size > 0 ? [`${removed.size} removed`] : []),
    ...(gone > 0 ? [`${gone} gone before their turn came`] : []),
    ...(movies > 0 ? [counted(movies, "movie")] : []),
    ...(left > 0 ? [`${left} left for the next run`] : []),
    ...(upToDate === null ? [] : [`${upToDate} up to date when it began`]),
  ]
  return `${parts.join(", ")}.`
}

/** Frames that the latest listing did not find any more; nothing where there are none. */
export const removedText = ([report]: readonly ScanReport[]): string =>
  report === undefined || report.removed === 0
    ? ""
    : `${counted(report.removed, "frame")} removed since the last run; \`prune\` deletes their outputs.\n`

/** Headers that could not be read into the tables, unless as many frames failed, which are listed already. */
export const notInspectedText = ({ counters }: RunOutcome): string =>
  counters.notInspected > counters.failed
    ? `${counted(counters.notInspected, "header")} could not be read into the tables; \`events element-failed\` says why.\n`
    : ""

/** Most folders that are listed as not writable. */
const MOST_TOLD = 10

/** Prints which folders cannot be written and how many frames wait for them. */
export function tellBlocked(io: Io, { failures, frames }: BlockedFrames): ExitCode {
  const told = failures.slice(0, MOST_TOLD).map((failure) => giveUp(io, failure))
  if (failures.length > MOST_TOLD) io.stderr.write(`error: So it is for ${failures.length - MOST_TOLD} more.\n`)
  io.stderr.write(`Not rendered because of that: ${counted(frames, "frame")}. The next run takes them.\n`)
  return told[0] ?? 3
}
