import type { Call } from "./command.ts"
import { type Counting, count, newCounters } from "./counters.ts"
import type { ExitCode } from "./exit-codes.ts"
import type { Installation } from "./installation.ts"
import { giveUp } from "./io.ts"
import { startProgress } from "./progress.ts"
import { openWaiting } from "./waiting.ts"
import { openWorkPorts, type Records } from "./wire.ts"
import { type Work, type WorkPorts, workUntilDone } from "./work.ts"

export type Shown = {
  readonly ports: WorkPorts
  readonly counters: Counting
  /** Wall time, milliseconds. */
  readonly ms: number
  /** A stop was asked for before all was done. */
  readonly isStopped: boolean
}

/** Makes the feed once ports and counters are there; an exit code where it cannot begin. */
export type FeedOf = (ports: WorkPorts, counters: Counting) => Promise<Work["feed"] | ExitCode>

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
  const opened = await openWorkPorts(installation, records, call)
  if (!opened.ok) return giveUp(io, opened.failure)
  const ports = opened.value
  const missing = await ports.picture.missing()
  for (const failure of missing) giveUp(io, failure)
  if (missing.length > 0) return 3
  const counters = newCounters()
  const feed = await feedOf(ports, counters)
  if (typeof feed === "number") return feed
  const progress = startProgress({ stderr: io.stderr, clock, counters: () => counters })
  const begunMs = clock.steadyMs()
  const wait = openWaiting(progress.note, clock)
  const observe: Work["observe"] = (observation) => {
    count(counters, observation)
    wait(observation)
  }
  const worked = await workUntilDone({ ports, interrupts, feed, observe })
  progress.stop()
  if (worked.kind === "broken") return giveUp(io, worked.failure)
  return { ports, counters, ms: clock.steadyMs() - begunMs, isStopped: worked.kind === "stopped" }
}
