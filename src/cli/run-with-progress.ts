import type { Installation } from "../deployment/deployment-target.ts"
import { type EmbeddedPorts, openEmbeddedPorts, type Records } from "../deployment/folder.ts"
import { type BlockedFrames, type EmbeddedRun, runUntilDone } from "../deployment/run-embedded.ts"
import type { Call } from "./command.ts"
import type { ExitCode } from "./exit-codes.ts"
import { giveUp } from "./terminal/io.ts"
import { type Counting, count, newCounters } from "./views/counters.ts"
import { counted } from "./views/format/human.ts"
import { startProgress } from "./views/progress.ts"
import { openWaiting } from "./views/waiting.ts"

export type Shown = {
  readonly ports: EmbeddedPorts
  readonly counters: Counting
  /** Wall time, milliseconds. */
  readonly ms: number
  /** A stop was asked for before all was done. */
  readonly isStopped: boolean
  /** What waits for folders that cannot be written; null where nothing does. */
  readonly blocked: BlockedFrames | null
}

/** Makes the feed once ports and counters are there; an exit code where it cannot begin. */
export type FeedOf = (ports: EmbeddedPorts, counters: Counting) => Promise<EmbeddedRun["feed"] | ExitCode>

/**
 * Opens what the work needs, refuses to begin where a tool is missing (a backlog must not turn into failures), and works
 * under a progress display. An exit code where it could not begin or go on; what is wrong stands on stderr then.
 */
export async function workShown(
  call: Call,
  { installation, records }: { readonly installation: Installation; readonly records: Records },
  feedOf: FeedOf,
): Promise<Shown | ExitCode> {
  const { io, clock, interrupts } = call
  const opened = await openEmbeddedPorts(installation, records, call)
  if (!opened.ok) return giveUp(io, opened.failure)
  const ports = opened.value
  const missing = await ports.picture.missing()
  for (const failure of missing) giveUp(io, failure)
  if (missing.length > 0) return 3
  const counters = newCounters()
  const feed = await feedOf(ports, counters)
  if (typeof feed === "number") return feed
  const progress = startProgress({ stderr: io.stderr, clock, counters: () => counters })
  // Only who watches has reason to wait until somebody gives out rights; everybody else wants to be told at the end.
  const endsWhenBlocked = call.options.watch !== true
  const begunMs = clock.steadyMs()
  const wait = openWaiting(progress.note, clock)
  const observe: EmbeddedRun["observe"] = (observation) => {
    count(counters, observation)
    const isToldLater = observation.kind === "outage" && observation.failure.code === "store/read-only"
    if (!(isToldLater && endsWhenBlocked)) wait(observation)
  }
  const worked = await runUntilDone({ ports, interrupts, feed, observe, endsWhenBlocked })
  progress.stop()
  if (worked.kind === "broken") return giveUp(io, worked.failure)
  const blocked = worked.kind === "blocked" ? worked : null
  return { ports, counters, ms: clock.steadyMs() - begunMs, isStopped: worked.kind === "stopped", blocked }
}

/** Folders that are named at the end; of thousands the first tell enough. */
const MOST_TOLD = 10

/** Says what is left undone and why. */
export function tellBlocked(io: Call["io"], { failures, frames }: BlockedFrames): ExitCode {
  const told = failures.slice(0, MOST_TOLD).map((failure) => giveUp(io, failure))
  if (failures.length > MOST_TOLD) io.stderr.write(`error: So it is for ${failures.length - MOST_TOLD} more.\n`)
  io.stderr.write(`Not rendered because of that: ${counted(frames, "frame")}. The next run takes them.\n`)
  return told[0] ?? 3
}
