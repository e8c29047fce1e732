import { MultiBar, type SingleBar } from "cli-progress"
import { INSPECTION_STAGES } from "../../../topology/inspect/inspect-source.ts"
import type { Observation } from "../../../topology/ports.ts"
import { CONFIRM_REMOVAL } from "../../../topology/removals/confirm-removal.ts"
import { SEQUENCE_STEPS, STITCHING } from "../../../topology/sequence/assemble.ts"
import { REVIEW_STEPS } from "../../../topology/sequence/review.ts"
import { type Clock, rateLimited } from "../../system/clock.ts"
import { unattended } from "../../system/unattended.ts"
import { visible } from "../../system/visible.ts"
import type { Writer } from "../terminal/io.ts"
import { humanDuration } from "./human.ts"

/** What a run has done so far. `rendered` are new pictures, `reused` were already current. */
export type Counters = {
  readonly found: number
  /** Frames that a listing under way is still to find; null or absent where nobody knows. */
  readonly toCome?: number | null
  readonly fetched: number
  readonly rendered: number
  readonly reused: number
  readonly failed: number
  /** Movies of sequences that were stitched. */
  readonly movies?: number
}

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

/** How far a run is, derived from its counters and its rate over the last half minute. */
export type Standing = Counters & {
  readonly finished: number
  /** All frames there are to do, as far as is known. */
  readonly total: number
  readonly framesPerSecond: number
  /** Null while no frame has been finished, and when nothing is left. */
  readonly msLeft: number | null
}

const finishedOf = ({ rendered, reused, failed }: Counters): number => rendered + reused + failed

/** The rate counts frames that were worked on; current ones cost nothing and would flatter it. */
export function standing(counters: Counters, perSecond: number): Standing {
  const finished = finishedOf(counters)
  const total = counters.found + (counters.toCome ?? 0)
  const left = total - finished
  return {
    ...counters,
    finished,
    total,
    framesPerSecond: perSecond,
    msLeft: perSecond > 0 && left > 0 ? (left / perSecond) * 1000 : null,
  }
}

const rateText = ({ framesPerSecond }: Standing): string => `${framesPerSecond.toFixed(1)} frames/s`

const leftText = ({ msLeft }: Standing): string => (msLeft === null ? "" : `${humanDuration(msLeft)} left`)

const resultText = ({ rendered, reused, failed, movies = 0 }: Standing): string =>
  [
    `rendered ${rendered}`,
    ...(reused > 0 ? [`reused ${reused}`] : []),
    `failed ${failed}`,
    ...(movies > 0 ? [`movies ${movies}`] : []),
  ].join(", ")

const foundText = ({ found, total }: Standing): string => `found ${found}${total > found ? ` of ${total}` : ""}`

/** The standing as one line, for logs and pipes. */
export const standingLine = (now: Standing): string =>
  [`${foundText(now)}, fetched ${now.fetched}, ${resultText(now)}`, rateText(now), leftText(now)]
    .filter(Boolean)
    .join("; ")

type Display = {
  readonly show: (now: Standing) => void
  readonly note: (line: string) => void
  readonly end: () => void
}

/** Bars on a terminal, one for frames fetched and one for frames finished. */
function bars(stderr: Writer): Display {
  const multi = new MultiBar({
    stream: stderr,
    format: "{label} {bar} {value}/{total}  {text}",
    barCompleteChar: "━",
    barIncompleteChar: "·",
    barsize: 24,
    hideCursor: true,
    emptyOnZero: true,
    // The library's own SIGINT handler would draw after the command has ended.
    gracefulExit: false,
  })
  const fetched = multi.create(0, 0, { label: "fetched ", text: "" })
  const finished = multi.create(0, 0, { label: "finished", text: "" })
  const set = (bar: SingleBar, [value, total]: readonly [number, number], text: string): void => {
    bar.setTotal(total)
    bar.update(value, { text })
  }
  return {
    show: (now) => {
      set(fetched, [now.fetched, now.total], foundText(now))
      set(
        finished,
        [now.finished, now.total],
        [resultText(now), rateText(now), leftText(now)].filter(Boolean).join("  "),
      )
      multi.update()
    },
    note: (line) => multi.log(`${line}\n`),
    end: () => multi.stop(),
  }
}

/** Plain lines for pipes and files; a line that would repeat the last counters is left out. */
function lines(stderr: Writer): Display {
  let last = ""
  const show = (now: Standing): void => {
    const key = JSON.stringify([now.total, now.found, now.fetched, now.rendered, now.reused, now.failed, now.movies])
    // Where there is nothing to do there is no progress to tell of.
    if (key === last || now.found === 0) return
    last = key
    stderr.write(`${standingLine(now)}\n`)
  }
  return { show, note: (line) => void stderr.write(`${line}\n`), end: () => undefined }
}

const REDRAW_MS = 200
const LINE_MS = 10_000

/** Shows progress on stderr until stopped: bars that are redrawn on a terminal, a line every ten seconds elsewhere. */
export function startProgress({ stderr, clock, counters }: ProgressInput): Progress {
  const isTerminal = stderr.isTTY === true
  const display = isTerminal ? bars(stderr) : lines(stderr)
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
})

/** Steps after which the source's bytes are there, or are not needed because its outputs are current. */
const FETCHED: ReadonlySet<string> = new Set(["fetch-source", "recall-outputs"])

/** Counts what the topology tells; whoever brings elements in counts `found`. */
export function count(counters: MutableCounters, observation: Observation): void {
  if (observation.kind === "step" && FETCHED.has(observation.step) && observation.ok) counters.fetched += 1
  if (observation.kind === "step" && observation.step === STITCHING && observation.ok) counters.movies += 1
  if (observation.kind === "made" && observation.reused) counters.reused += 1
  if (observation.kind === "made" && !observation.reused) counters.rendered += 1
  if (observation.kind !== "failed") return
  // What became of a sequence stands in its own line at the end.
  if (SEQUENCE_STEPS.has(observation.step)) return
  if (INSPECTION_STAGES.has(observation.step)) counters.notInspected += 1
  else if (observation.failure.code === "source/gone") counters.gone += 1
  else if (observation.step !== CONFIRM_REMOVAL) counters.failed += 1
}

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
