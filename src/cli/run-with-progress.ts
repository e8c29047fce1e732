import { endingsOf } from "../config/table-folder.ts"
import type { BlockedFrames } from "../deployment/blocked-folders.ts"
import type { Installation } from "../deployment/deployment-target.ts"
import { open } from "../deployment/index.ts"
import type { Folder, OpenTarget, RoleSurroundings } from "../deployment/roles.ts"
import { type EmbeddedPorts, type EmbeddedRun, runUntilDone } from "../deployment/run-embedded.ts"
import { type HeldSequence, type HeldSequences, openHeldSequences } from "../ingest/listing/held-sequences.ts"
import { visible } from "../system/visible.ts"
import type { Call } from "./command.ts"
import { surroundingsOf } from "./open-records.ts"
import type { Selection } from "./selection.ts"
import { type ExitCode, giveUp } from "./terminal/io.ts"
import {
  count,
  failedFrameIn,
  type MutableCounters,
  newCounters,
  openWaitNotes,
  startProgress,
  warningIn,
} from "./views/progress.ts"

/** The outcome of a run that no failure broke off. */
export type RunOutcome = {
  readonly ports: EmbeddedPorts
  readonly counters: MutableCounters
  /** Wall time, milliseconds. */
  readonly ms: number
  /** A stop was asked for before all was done. */
  readonly isStopped: boolean
  /** Frames that wait because their folders cannot be written; null when there are none. */
  readonly blocked: BlockedFrames | null
  /** Sequences whose movies wait, because the run was about some of their frames only. */
  readonly held: readonly HeldSequence[]
}

/** Opens the feed of arrivals once ports and counters exist; returns an exit code if it cannot. */
export type OpenFeed = (
  ports: EmbeddedPorts,
  counters: MutableCounters,
  held: HeldSequences | null,
) => Promise<EmbeddedRun["feed"] | ExitCode>

/** What a run is about. */
export type RunSubject = Pick<OpenTarget<Folder>, "installation" | "records"> &
  Pick<RoleSurroundings, "begun"> & {
    /** Frames that it is about; absent or null: all. */
    readonly selection?: Pick<Selection, "has"> | null
    /** Hears of all that is done, besides the progress display; absent or null: nobody does. */
    readonly observe?: EmbeddedRun["observe"] | null
  }

/**
 * Opens what the work needs, refuses to begin where a tool is missing (a backlog must not turn into failures), and works
 * under a progress display. Returns an exit code if it could not begin or go on; the reason is on stderr by then.
 */
export async function runWithProgress(
  call: Call,
  { installation, records, begun = null, selection = null, observe = null }: RunSubject,
  feedOf: OpenFeed,
): Promise<RunOutcome | ExitCode> {
  const { io } = call
  const target = { kind: "folder", installation, records } as const
  const opened = await open(target, ["worker", "projector"], { ...call, ...surroundingsOf(call), begun })
  if (!opened.ok) return giveUp(io, opened.failure)
  const { worker, projector, close } = opened.value
  if (worker === null || projector === null) throw new Error("run: a role was not opened")
  try {
    const ports = { ...worker.ports, ...projector.ports, sequences: worker.sequences }
    return await runOver(call, { ports, held: heldBy(ports, installation, selection), observe }, feedOf)
  } finally {
    await close()
  }
}

function heldBy(
  ports: EmbeddedPorts,
  { bucket, config }: Installation,
  selection: Pick<Selection, "has"> | null,
): HeldSequences | null {
  if (selection === null || ports.sequences === null) return null
  const { sequenceRuleFor } = ports.sequences
  return openHeldSequences(
    { ...ports, sequenceRuleFor },
    { bucket, endings: endingsOf(config), selection: selection.has },
  )
}

async function runOver(
  call: Call,
  {
    ports,
    held,
    observe: alsoTold,
  }: Pick<RunSubject, "observe"> & {
    readonly ports: EmbeddedPorts
    readonly held: HeldSequences | null
  },
  feedOf: OpenFeed,
): Promise<RunOutcome | ExitCode> {
  const { io, clock, interrupts } = call
  const missing = await ports.picture.missing()
  for (const failure of missing) giveUp(io, failure)
  if (missing.length > 0) return 3
  const counters = newCounters()
  const feed = await feedOf(ports, counters, held)
  if (typeof feed === "number") return feed
  const progress = startProgress({ stderr: io.stderr, clock, counters: () => counters })
  // Only `--watch` waits until somebody grants the right to write; a single run ends and lists the folders.
  const endsWhenBlocked = call.options.watch !== true
  const begunMs = clock.steadyMs()
  const wait = openWaitNotes(progress.note, clock)
  const observe: EmbeddedRun["observe"] = (observation) => {
    count(counters, observation)
    alsoTold?.(observation)
    const warning = warningIn(observation)
    if (warning !== null) progress.note(`warning: ${visible(warning)}`)
    const failedFrame = failedFrameIn(observation)
    if (failedFrame !== null) progress.note(`failed: ${visible(failedFrame)}`)
    const isToldLater = observation.kind === "outage" && observation.failure.code === "store/read-only"
    if (!(isToldLater && endsWhenBlocked)) wait(observation)
  }
  const worked = await runUntilDone({
    ports,
    interrupts,
    feed,
    observe,
    endsWhenBlocked,
    held,
    settlesAtEnd: endsWhenBlocked,
  })
  progress.stop()
  if (worked.kind === "broken") return giveUp(io, worked.failure)
  const blocked = worked.kind === "blocked" ? worked : null
  return {
    ports,
    counters,
    ms: clock.steadyMs() - begunMs,
    isStopped: worked.kind === "stopped",
    blocked,
    held: held?.held() ?? [],
  }
}
