// What brings frames in while a run goes on: one listing of the folder, or a watch over it.

import { endingsOf } from "../../config/table-folder.ts"
import { queueOf } from "../../deployment/queue.ts"
import type { FolderRecords } from "../../deployment/roles.ts"
import type { EmbeddedPorts, EmbeddedRun } from "../../deployment/run-embedded.ts"
import { done, type Failure, failed, type Result } from "../../events/result.ts"
import { openExpectedArrivals } from "../../ingest/listing/expected.ts"
import type { HeldSequences } from "../../ingest/listing/held-sequences.ts"
import { type FolderPorts, listFolder } from "../../ingest/listing/look.ts"
import type { ScanOptions } from "../../ingest/listing/scan.ts"
import type { ScanReport } from "../../ingest/listing/scan-report.ts"
import { openWatchIntake } from "../../ingest/listing/watch.ts"
import { retainLog } from "../../log/sqlite.ts"
import { visible } from "../../system/visible.ts"
import type { Call } from "../command.ts"
import type { PointedAt } from "../selection.ts"
import { type ExitCode, giveUp } from "../terminal/io.ts"
import { counted } from "../views/human.ts"
import { type MutableCounters, openWaitNotes } from "../views/progress.ts"

/** Deletes records beyond their retention, then scans the folder once or watches it. */
export async function feedOf(call: Call, feeding: Feeding, { state }: FolderRecords): Promise<Feed | ExitCode> {
  const { installation, ports, counters } = feeding
  const olderThanMs = call.clock.nowMs() - installation.config.retentionDays * DAY_MS
  const retained = await retainLog(state, { olderThanMs })
  if (!retained.ok) return giveUp(call.io, retained.failure)
  const left = await leftover(ports)
  counters.found += left
  if (left > 0 && feeding.selection !== null)
    call.io.stderr.write(`note: an earlier run was stopped: ${counted(left, "frame")} that it queued are done, too.\n`)
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

export type Feeding = PointedAt & {
  readonly ports: EmbeddedPorts
  /** Filled with the report of the latest scan. */
  readonly reports: ScanReport[]
  /** What was up to date when the first listing ended. */
  readonly first: { upToDate: number | null }
  readonly counters: MutableCounters
  /** Sequences of which the run is about some frames only; null where it is about all. */
  readonly held: HeldSequences | null
}

type CountedListing = {
  readonly onDecision: NonNullable<ScanOptions["onDecision"]>
  /** The whole folder has been listed. Safe to repeat; fails where the count could not be made. */
  readonly end: () => Promise<Result<void>>
}

/** Counts what a listing finds, and until its end what it is still to find. */
function countListing(
  { installation: { bucket, config }, selection, ports, counters }: Feeding,
  stop: AbortSignal,
): CountedListing {
  const expected = openExpectedArrivals(ports, { bucket, endings: endingsOf(config) })
  const ending = new AbortController()
  // Of some frames only, nobody knows beforehand how many there are.
  const counting =
    selection === null ? expected.count(AbortSignal.any([stop, ending.signal])) : Promise.resolve(done(undefined))
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
      return counting
    },
  }
}

const asked = ({ selection }: PointedAt): Pick<ScanOptions, "prefix" | "selection"> =>
  selection === null ? {} : { selection: selection.has, ...(selection.prefix && { prefix: selection.prefix }) }

const scanFeed =
  (feeding: Feeding): Feed =>
  async (stop) => {
    const { installation, ports, reports } = feeding
    const listing = countListing(feeding, stop)
    const report = await listFolder(folderPorts(ports), {
      ...asked(feeding),
      bucket: installation.bucket,
      endings: endingsOf(installation.config),
      signal: stop,
      onDecision: listing.onDecision,
    })
    const counting = await listing.end()
    if (!report.ok) return report
    reports.push(report.value)
    return counting
  }

/** Lists the folder until it is told to stop. An outage only delays what it hides to the next listing. */
const watchFeed =
  (call: Call, feeding: Feeding): Feed =>
  async (stop) => {
    const { installation, ports, reports, first, held } = feeding
    const { root, bucket, config } = installation
    const pollMs = config.watchPollSeconds * 1000
    const listing = countListing(feeding, stop)
    const waitFor = openWaitNotes((line) => void call.io.stderr.write(`${line}\n`), call.clock)
    const waitForOutage = (failure: Failure): void => waitFor({ kind: "outage", step: "scan", failure, waitMs: pollMs })
    const lookAtHeld = async (): Promise<void> => {
      const looked = await held?.look(stop)
      if (looked?.ok === false) waitForOutage(looked.failure)
    }
    const intake = await openWatchIntake(folderPorts(ports), {
      ...asked(feeding),
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
          void lookAtHeld()
        } else waitForOutage(report.failure)
      },
      onLost: (says) => void call.io.stderr.write(`note: ${visible(says)}\n`),
    })
    call.io.stderr.write(
      `Watching ${visible(root)} (${intake.notices ? "change notices" : `every ${config.watchPollSeconds} s`}). Ctrl-C stops.\n`,
    )
    const ended = await intake.run(stop)
    const counting = await listing.end()
    return ended === null ? counting : failed(ended)
  }
