import { existsSync } from "node:fs"
import type { Config } from "../../config/index.ts"
import { endingsOf } from "../../config/table-folder.ts"
import {
  findInstallation,
  type Installation,
  renamedNote,
  secondStateNote,
} from "../../deployment/deployment-target.ts"
import { type EmbeddedPorts, openRecords, type Records } from "../../deployment/folder.ts"
import { queueOf } from "../../deployment/queue.ts"
import type { EmbeddedRun } from "../../deployment/run-embedded.ts"
import { makeStateFolder, userStateFolder } from "../../deployment/state-folder.ts"
import { done, type Result } from "../../events/result.ts"
import { missingRows, rowsInOrder } from "../../ingest/listing/in-order.ts"
import { queuedArrivals } from "../../ingest/listing/queued-arrivals.ts"
import { type ScanOptions, type ScanReport, scan } from "../../ingest/listing/scan.ts"
import { LOCAL_RECHECK_MS, openSettling, watchFolder } from "../../ingest/listing/watch.ts"
import { retainLog } from "../../log/sqlite-retention.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import type { ExitCode } from "../exit-codes.ts"
import { type Shown, tellBlocked, workShown } from "../run-with-progress.ts"
import { giveUp } from "../terminal/io.ts"
import type { Counting } from "../views/counters.ts"
import { counted } from "../views/format/human.ts"
import { listFailures } from "../views/report.ts"
import { openWaiting } from "../views/waiting.ts"
import { dryRun, noFrames } from "./run-dry.ts"

async function run(call: Call): Promise<Ending> {
  const found = findInstallation(call, call.args[0] ?? null)
  if (!found.ok) return giveUp(call.io, found.failure)
  if (call.options.dryRun === true) return dryRun(call, found.value)
  const installation = withStateThatCanBe(call, found.value)
  const records = await openRecords(installation, { mode: "own", command: "run", clock: call.clock })
  if (!records.ok) return giveUp(call.io, records.failure)
  for (const note of [renamedNote(installation), secondStateNote(installation)])
    if (note !== null) call.io.stderr.write(`${visible(note)}\n`)
  const ending = await runWith(call, installation, records.value)
  await records.value.close()
  return ending
}

/** A folder that takes no state of its own, or is to stay untouched, has it in the user's; all commands look there, too. */
function withStateThatCanBe(call: Call, installation: Installation): Installation {
  const { settings, root, outputs } = installation
  const { stateDir: wanted } = settings.config
  if (settings.origins.stateDir.kind !== "default" || existsSync(wanted)) return installation
  const stateDir = userStateFolder(root, call.env)
  // Who has outputs elsewhere wants nothing written among the frames.
  if (stateDir === null || (outputs === null && makeStateFolder(wanted))) return installation
  const why = outputs === null ? `${root} cannot be written` : "outputs go elsewhere"
  call.io.stderr.write(`${visible(why)}: the state is kept in ${visible(stateDir)}.\n`)
  const config = { ...settings.config, stateDir }
  return { ...installation, config, settings: { ...settings, config } }
}

async function runWith(call: Call, installation: Installation, records: Records): Promise<Ending> {
  const { io } = call
  const reports: ScanReport[] = []
  const shown = await workShown(call, { installation, records }, (ports, counters) =>
    feedOf(call, { installation, ports, reports, counters }, records),
  )
  if (typeof shown === "number") return shown
  io.stderr.write(`${summary(shown, reports, installation.config)}\n${removedText(reports)}${notInspected(shown)}`)
  const unlisted = reports.at(-1)?.unlisted ?? []
  for (const failure of unlisted) giveUp(io, failure)
  const failed = await listFailures(records.table, installation.bucket, io)
  if (!failed.ok) return giveUp(io, failed.failure)
  if (shown.blocked !== null) return tellBlocked(io, shown.blocked)
  if (shown.isStopped) return "stopped"
  return failed.value > 0 || unlisted.length > 0 ? 1 : 0
}

/** Old records go before new ones come; then the folder is scanned once, or watched. */
async function feedOf(call: Call, feeding: Feeding, { state }: Records): Promise<Feed | ExitCode> {
  const { installation, ports, counters } = feeding
  const olderThanMs = call.clock.nowMs() - installation.config.retentionDays * DAY_MS
  const retained = await retainLog(state, { olderThanMs })
  if (!retained.ok) return giveUp(call.io, retained.failure)
  counters.found += await leftover(ports)
  return call.options.watch === true ? watchFeed(call, feeding) : scanFeed(feeding)
}

const DAY_MS = 86_400_000

type Feed = EmbeddedRun["feed"]

/** What an earlier run left unfinished is this run's to do. */
async function leftover({ log }: EmbeddedPorts): Promise<number> {
  const lag = await log.lag("renderer")
  return lag.ok ? lag.value.reduce((sum, position) => sum + position.lag, 0) : 0
}

async function scanFolder(ports: EmbeddedPorts, options: ScanOptions): Promise<Result<ScanReport>> {
  const queued = await queuedArrivals(queueOf(ports))
  if (!queued.ok) return queued
  const { table, log, clock } = ports
  const rows = rowsInOrder(table, { bucket: options.bucket, prefix: "" })
  const missing = missingRows(rows, log.append, () => clock.nowMs())
  const { element } = rows
  const report = await scan({ ...ports, element, append: log.append, queued: queued.value, missing }, options)
  await rows.close()
  return report
}

type Feeding = {
  readonly installation: Installation
  readonly ports: EmbeddedPorts
  /** Filled with the report of the latest scan. */
  readonly reports: ScanReport[]
  readonly counters: Counting
}

const countArrivals =
  (counters: Counting): NonNullable<ScanOptions["onDecision"]> =>
  (_, { kind }) => {
    if (kind === "arrived") counters.found += 1
  }

const scanFeed =
  ({ installation, ports, reports, counters }: Feeding): Feed =>
  async (stop) => {
    const report = await scanFolder(ports, {
      bucket: installation.bucket,
      endings: endingsOf(installation.config),
      signal: stop,
      onDecision: countArrivals(counters),
    })
    if (!report.ok) return report
    reports.push(report.value)
    return done(undefined)
  }

/**
 * Scans again and again, and takes a file when it has been still for a while; ends when it is told to stop. What an outage
 * hides from one look is there for the next.
 */
const watchFeed =
  (call: Call, { installation, ports, reports, counters }: Feeding): Feed =>
  async (stop) => {
    const { root, bucket, config } = installation
    const settling = openSettling(config.watchQuietSeconds * 1000, () => call.clock.nowMs())
    const watching = await watchFolder(root, call.clock)
    const pollMs = config.watchPollSeconds * 1000
    const waitFor = openWaiting((line) => void call.io.stderr.write(`${line}\n`), call.clock)
    call.io.stderr.write(
      `Watching ${visible(root)} (${watching.notices ? "change notices" : `every ${config.watchPollSeconds} s`}). Ctrl-C stops.\n`,
    )
    while (!stop.aborted) {
      settling.begin()
      const report = await scanFolder(ports, {
        bucket,
        endings: endingsOf(config),
        signal: stop,
        isSettled: settling.isSettled,
        onDecision: countArrivals(counters),
      })
      if (!report.ok && report.failure.kind !== "outage") {
        watching.close()
        return report
      }
      if (report.ok) reports.splice(0, reports.length, report.value)
      else waitFor({ kind: "outage", step: "scan", failure: report.failure, waitMs: pollMs })
      const atMostMs = settling.waiting() > 0 || !report.ok ? pollMs : LOCAL_RECHECK_MS
      await watching.next({ atLeastMs: Math.min(pollMs, 1000), atMostMs }, stop)
    }
    watching.close()
    return done(undefined)
  }

function summary({ counters, ms, isStopped, blocked }: Shown, [report]: readonly ScanReport[], config: Config): string {
  const { found, rendered, reused, failed, gone } = counters
  if (isStopped && found > rendered + reused + failed + gone)
    return `Stopped: ${counted(rendered, "frame")} rendered, ${failed} failed, the rest is for the next run.`
  const current = (report?.current ?? 0) + reused
  if (report?.found === 0 && report.unlisted.length === 0 && rendered === 0 && failed === 0)
    return `Nothing to do: ${noFrames(config)}`
  if (rendered === 0 && failed === 0 && blocked === null)
    return `Nothing to do: ${counted(current, "frame")} up to date.`
  const perSecond = rendered / Math.max(ms / 1000, 0.001)
  const result = `${counted(rendered, "frame")} rendered in ${(ms / 1000).toFixed(1)} s (${perSecond.toFixed(2)}/s), ${current} up to date, ${failed} failed.`
  return gone === 0 ? result : `${result} ${counted(gone, "frame")} gone before their turn came.`
}

const removedText = ([report]: readonly ScanReport[]): string =>
  report === undefined || report.removed === 0
    ? ""
    : `${counted(report.removed, "frame")} removed since the last run; \`prune\` deletes their outputs.\n`

/** A frame that failed anyway is not told of twice. */
const notInspected = ({ counters }: Shown): string =>
  counters.notInspected > counters.failed
    ? `${counted(counters.notInspected, "header")} could not be read into the tables; \`events element-failed\` says why.\n`
    : ""

export const runCommand: Command = {
  details:
    "Outputs go into .proxies/ beside the frames, or where --outputs says. What is done is not done again; outputs that somebody deleted are made again; frames that failed for good are listed, not retried (`failures retry` does that). It can be stopped at any moment: the next run goes on where this one ended.",
  parameters: [{ syntax: "[dir]", says: "folder of frames (default: this one); its name is the bucket" }],
  options: [
    { syntax: "--watch", says: "go on and take new files as they arrive" },
    { syntax: "--dry-run", says: "say what would be done, and do nothing" },
  ],
  settings: ["state", "outputs", "pictures", "shown", "colour", "tools", "work", "watch", "output"],
  examples: [
    ["run shots/", "makes what is missing, then ends"],
    ["run shots/ --watch", "goes on as files arrive"],
    ["run shots/ --dry-run", "lists what would be rendered"],
  ],
  run,
}
