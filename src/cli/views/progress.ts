import { INSPECTION_STAGES } from "../../../topology/inspect/inspect-source.ts"
import type { Observation } from "../../../topology/ports.ts"
import { CONFIRM_REMOVAL } from "../../../topology/removals/confirm-removal.ts"
import { SEQUENCE_STEPS, STITCHING } from "../../../topology/sequence/assemble.ts"
import { REVIEW_STEPS } from "../../../topology/sequence/review.ts"
import { type Clock, rateLimited } from "../../system/clock.ts"
import { unattended } from "../../system/unattended.ts"
import { visible } from "../../system/visible.ts"
import type { Writer } from "../terminal/io.ts"
import { claimLines } from "../terminal/streams.ts"
import { bars, type Counters, lines, standing } from "./progress-display.ts"

export type Progress = {
  /** Prints a line without tearing the bars. */
  readonly note: (line: string) => void
  /** Draws the last state and lets go of the terminal; safe to repeat. Throws the bug that ended the drawing before. */
  readonly stop: () => void
}

export type ProgressInput = {
  readonly stderr: Writer
  readonly clock: Clock
  readonly counters: () => Counters
}

const REDRAW_MS = 200
const LINE_MS = 10_000

/** Shows progress on stderr until stopped: bars that are redrawn on a terminal, a line every ten seconds elsewhere. */
export function startProgress({ stderr, clock, counters }: ProgressInput): Progress {
  const isTerminal = stderr.isTTY === true
  const display = isTerminal ? bars(stderr) : lines(stderr)
  const release = claimLines(stderr, display.note)
  const stopping = new AbortController()
  const rate = openMovingRate(clock)
  const show = (): void => {
    const now = counters()
    display.show(standing(now, rate(now.rendered + now.failed)))
  }
  const redraw = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(isTerminal ? REDRAW_MS : LINE_MS, stopping.signal)
      if (!stopping.signal.aborted) show()
    }
  }
  let broken: { readonly bug: unknown } | null = null
  unattended(redraw, (bug) => {
    broken = { bug }
  })
  const stop = (): void => {
    if (stopping.signal.aborted) return
    stopping.abort()
    if (broken === null) show()
    release()
    display.end()
    if (broken !== null) throw broken.bug
  }
  return { note: display.note, stop }
}

/**
 * Counters while a run goes on, with two more: headers that gave no rows (their pictures are counted apart), and frames
 * that were deleted before their turn came.
 */
export type MutableCounters = { -readonly [K in keyof Counters]: Counters[K] } & {
  notInspected: number
  gone: number
  movies: number
  /** Keys of frames that were found to be deleted: notices and listings may tell of the same one. */
  readonly removed: Set<string>
}

export const newCounters = (): MutableCounters => ({
  found: 0,
  fetched: 0,
  rendered: 0,
  reused: 0,
  failed: 0,
  movies: 0,
  notInspected: 0,
  gone: 0,
  removed: new Set(),
})

/** Steps after which the source's bytes are there, or are not needed because its outputs are current. */
const FETCHED: ReadonlySet<string> = new Set(["fetch-source", "recall-outputs"])

/** Counts what the topology tells; whoever brings elements in counts `found`. */
export function count(counters: MutableCounters, observation: Observation): void {
  if (observation.kind === "step" && FETCHED.has(observation.step) && observation.ok) counters.fetched += 1
  if (observation.kind === "step" && observation.step === STITCHING && observation.ok) counters.movies += 1
  if (observation.kind === "made" && observation.reused) counters.reused += 1
  if (observation.kind === "made" && !observation.reused) counters.rendered += 1
  if (observation.kind === "removed") counters.removed.add(observation.key)
  const failed = failedIn(observation)
  if (failed === "header") counters.notInspected += 1
  if (failed === "gone") counters.gone += 1
  if (failed === "frame") counters.failed += 1
}

/** What failed: a frame, its header alone, or only because it is no longer there; null where it was neither. */
function failedIn(observation: Observation): "frame" | "header" | "gone" | null {
  // What became of a sequence stands in its own line at the end.
  if (observation.kind !== "failed" || SEQUENCE_STEPS.has(observation.step)) return null
  if (INSPECTION_STAGES.has(observation.step)) return "header"
  if (observation.failure.code === "source/gone") return "gone"
  return observation.step === CONFIRM_REMOVAL ? null : "frame"
}

/** A frame that failed, by its name; null for everything else. */
export const failedFrameIn = (observation: Observation): string | null =>
  observation.kind === "failed" && failedIn(observation) === "frame"
    ? `${observation.key}: ${observation.failure.code}: ${observation.failure.says}`
    : null

/** What is worth a line while a run goes on; null for everything else. A movie's own failure stands in its line at the end. */
export function warningIn(observation: Observation): string | null {
  if (observation.kind === "remark") return `${observation.key}: ${observation.says}`
  if (observation.kind !== "failed" || !REVIEW_STEPS.has(observation.step)) return null
  return `${observation.key}: no review copy: ${observation.failure.code}: ${observation.failure.says}`
}

type Sample = { readonly atMs: number; readonly count: number }

const WINDOW_MS = 30_000

/** Rate of a growing counter: takes its value now, gives the moving average per second over the last 30 s. */
export function openMovingRate(clock: Pick<Clock, "steadyMs">): (count: number) => number {
  let samples: readonly Sample[] = [{ atMs: clock.steadyMs(), count: 0 }]
  return (count) => {
    const atMs = clock.steadyMs()
    const [oldest, ...newer] = samples
    const outdated = newer.filter((sample) => atMs - sample.atMs >= WINDOW_MS).length
    samples = [...samples.slice(outdated), { atMs, count }]
    const start = samples[0] ?? oldest
    const elapsedMs = start === undefined ? 0 : atMs - start.atMs
    return start === undefined || elapsedMs <= 0 ? 0 : ((count - start.count) * 1000) / elapsedMs
  }
}

/** How often a lasting outage is reported again, so that a waiting run does not seem to hang. */
const AGAIN_MS = 60_000

/** Notes each outage that a run waits for, at most once a minute per code. */
export function openWaitNotes(
  note: (line: string) => void,
  clock: Pick<Clock, "steadyMs">,
): (observation: Observation) => void {
  const limited = rateLimited(clock, AGAIN_MS)
  return (observation) => {
    if (observation.kind !== "outage") return
    const { code, says } = observation.failure
    limited(code, () => note(`waiting: ${code}: ${visible(says)} The work goes on by itself after that.`))
  }
}
