import { endingsOf } from "../../config/table-folder.ts"
import type { BegunRenders } from "../../deployment/begin-renders.ts"
import { type Installation, renamedNote, secondStateNote } from "../../deployment/deployment-target.ts"
import { openTarget } from "../../deployment/index.ts"
import { queueOf } from "../../deployment/queue.ts"
import type { FolderRecords } from "../../deployment/roles.ts"
import type { EmbeddedPorts, EmbeddedRun } from "../../deployment/run-embedded.ts"
import { failed, type Result } from "../../events/result.ts"
import { openExpectedArrivals } from "../../ingest/listing/expected.ts"
import { type FolderPorts, listFolder } from "../../ingest/listing/look.ts"
import type { ScanOptions, ScanReport } from "../../ingest/listing/scan.ts"
import { openWatchIntake } from "../../ingest/listing/watch.ts"
import { retainLog } from "../../log/sqlite.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Ending } from "../command.ts"
import { surroundingsOf } from "../open-records.ts"
import { runWithProgress } from "../run-with-progress.ts"
import { type ExitCode, giveUp } from "../terminal/io.ts"
import { type MutableCounters, openWaitNotes } from "../views/progress.ts"
import { listFailures, notInspectedText, removedText, runSummary, tellBlocked, watchSummary } from "../views/report.ts"
import { listSequences } from "../views/sequences.ts"

/** Makes what is missing in the folder, by processes that may have been begun for it. */
export async function runFolder(call: Call, installation: Installation, begun: BegunRenders | null): Promise<Ending> {
  const target = { kind: "folder", installation } as const
  const opened = await openTarget(target, { mode: "own", command: "run" }, surroundingsOf(call))
  if (!opened.ok) return giveUp(call.io, opened.failure)
  const { records } = opened.value
  for (const note of [renamedNote(installation), secondStateNote(installation)])
    if (note !== null) call.io.stderr.write(`${visible(note)}\n`)
  const ending = await runWith(call, { installation, records, begun })
  await records.close()
  return ending
}

type Running = {
  readonly installation: Installation
  readonly records: FolderRecords
  readonly begun: BegunRenders | null
}

async function runWith(call: Call, running: Running): Promise<Ending> {
  const { io } = call
  const { installation, records } = running
  const reports: ScanReport[] = []
  const first = { upToDate: null }
  const outcome = await runWithProgress(call, running, (ports, counters) =>
    feedOf(call, { installation, ports, reports, first, counters }, records),
  )
  if (typeof outcome === "number") return outcome
  const summary =
    call.options.watch === true
      ? `${watchSummary(outcome, first.upToDate)}\n`
      : `${runSummary(outcome, reports, installation.config)}\n${removedText(reports)}`
  io.stderr.write(`${summary}${notInspectedText(outcome)}`)
  const told = await listSequences(records.table, installation.bucket, io)
  if (!told.ok) return giveUp(io, told.failure)
  const unlisted = reports.at(-1)?.unlisted ?? []
  for (const failure of unlisted) giveUp(io, failure)
  const failed = await listFailures(records.table, installation.bucket, io)
  if (!failed.ok) return giveUp(io, failed.failure)
  if (outcome.blocked !== null) return tellBlocked(io, outcome.blocked)
  if (outcome.isStopped) return "stopped"
  return failed.value > 0 || unlisted.length > 0 ? 1 : 0
}

/** Deletes records beyond their retention, then scans the folder once or watches it. */
async function feedOf(call: Call, feeding: Feeding, { state }: FolderRecords): Promise<Feed | ExitCode> {
  const { installation, ports, counters } = feeding
  const olderThanMs = call.clock.nowMs() - installation.config.retentionDays * DAY_MS
  const retained = await retainLog(state, { olderThanMs })
  if (!retained.ok) return giveUp(call.io, retained.failure)
  counters.found += await leftover(ports)
  return call.options.watch === true ? watchFeed(call, feeding) : scanFeed(feeding)
}

const DAY_MS = 86_400_000

type Feed = EmbeddedRun["feed"]

/** Number of frames that an earlier run left unfinished; this run does them. */
async function leftover({ log }: EmbeddedPorts): Promise<number> {
  const lag = await log.lag("renderer")
  return lag.ok ? lag.value.reduce((sum, position) => sum + position.lag, 0) : 0
}

const folderPorts = (ports: EmbeddedPorts): FolderPorts => ({
  ...ports,
  append: ports.log.append,
  queue: queueOf(ports),
})

type Feeding = {
  readonly installation: Installation
  readonly ports: EmbeddedPorts
  /** Filled with the report of the latest scan. */
  readonly reports: ScanReport[]
  /** What was up to date when the first listing ended. */
  readonly first: { upToDate: number | null }
  readonly counters: MutableCounters
}

type CountedListing = {
  readonly onDecision: NonNullable<ScanOptions["onDecision"]>
  /** The whole folder has been listed. Safe to repeat; fails where the count could not be made. */
  readonly end: () => Promise<Result<void>>
}

/** Counts what a listing finds, and until its end what it is still to find. */
function countListing(
  { installation: { bucket, config }, ports, counters }: Feeding,
  stop: AbortSignal,
): CountedListing {
  const expected = openExpectedArrivals(ports, { bucket, endings: endingsOf(config) })
  const ending = new AbortController()
  const counted = expected.count(AbortSignal.any([stop, ending.signal]))
  return {
    onDecision: (_, decision) => {
      expected.note(decision)
      if (decision.kind === "arrived") {
        counters.found += 1
        ports.picture.begin(Math.min(counters.found, ports.policy.rendersInFlight))
      }
      counters.toCome = ending.signal.aborted ? null : expected.toCome()
    },
    end: () => {
      ending.abort()
      counters.toCome = null
      return counted
    },
  }
}

const scanFeed =
  (feeding: Feeding): Feed =>
  async (stop) => {
    const { installation, ports, reports } = feeding
    const listing = countListing(feeding, stop)
    const report = await listFolder(folderPorts(ports), {
      bucket: installation.bucket,
      endings: endingsOf(installation.config),
      signal: stop,
      onDecision: listing.onDecision,
    })
    const counted = await listing.end()
    if (!report.ok) return report
    reports.push(report.value)
    return counted
  }

/** Lists the folder until it is told to stop. An outage only delays what it hides to the next listing. */
const watchFeed =
  (call: Call, feeding: Feeding): Feed =>
  async (stop) => {
    const { installation, ports, reports, first } = feeding
    const { root, bucket, config } = installation
    const pollMs = config.watchPollSeconds * 1000
    const listing = countListing(feeding, stop)
    const waitFor = openWaitNotes((line) => void call.io.stderr.write(`${line}\n`), call.clock)
    const intake = await openWatchIntake(folderPorts(ports), {
      root,
      bucket,
      endings: endingsOf(config),
      quietMs: config.watchQuietSeconds * 1000,
      pollMs,
      onDecision: listing.onDecision,
      onLook: (report) => {
        if (report.ok) {
          reports.splice(0, reports.length, report.value)
          first.upToDate ??= report.value.current
          void listing.end()
        } else waitFor({ kind: "outage", step: "scan", failure: report.failure, waitMs: pollMs })
      },
      onLost: (says) => void call.io.stderr.write(`note: ${visible(says)}\n`),
    })
    call.io.stderr.write(
      `Watching ${visible(root)} (${intake.notices ? "change notices" : `every ${config.watchPollSeconds} s`}). Ctrl-C stops.\n`,
    )
    const ended = await intake.run(stop)
    const counted = await listing.end()
    return ended === null ? counted : failed(ended)
  }
