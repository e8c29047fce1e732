// How progress is drawn: as bars on a terminal, as lines in a pipe or a file.

import { MultiBar, type Options, type Params, type SingleBar } from "cli-progress"
import { columnsOf, type Writer } from "../terminal/io.ts"
import { humanDuration } from "./human.ts"
import { wrapped } from "./text-table.ts"

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

export type Display = {
  readonly show: (now: Standing) => void
  readonly note: (line: string) => void
  readonly end: () => void
}

const rateText = ({ framesPerSecond }: Standing): string => `${framesPerSecond.toFixed(1)} frames/s`

const leftText = ({ msLeft }: Standing): string => (msLeft === null ? "" : `${humanDuration(msLeft)} left`)

const resultTexts = ({ rendered, reused, failed, movies = 0 }: Standing): readonly string[] => [
  `rendered ${rendered}`,
  ...(reused > 0 ? [`reused ${reused}`] : []),
  `failed ${failed}`,
  ...(movies > 0 ? [`movies ${movies}`] : []),
]

const foundText = ({ found, total }: Standing): string => `found ${found}${total > found ? ` of ${total}` : ""}`

/** The standing as one line, for logs and pipes. */
const standingLine = (now: Standing): string =>
  [`${foundText(now)}, fetched ${now.fetched}, ${resultTexts(now).join(", ")}`, rateText(now), leftText(now)]
    .filter(Boolean)
    .join("; ")

/** `texts` stand behind a bar: the first of them that there is room for. */
type Remarks = { readonly label: string; readonly texts: readonly string[] }

const [MOST_BAR, LEAST_BAR] = [24, 8]

const [COMPLETE, INCOMPLETE] = ["━", "·"]

/** One bar in a terminal of `columns`, which it never exceeds: the bar gets shorter first, and then the text behind it. */
export function barLine(
  { value, total, progress }: Pick<Params, "value" | "total" | "progress">,
  { label, texts }: Remarks,
  columns: number,
): string {
  const count = `${value}/${total}`
  const roomBeside = (text: string): number => columns - label.length - count.length - 2 - text.length
  const behind = texts.map((text) => (text === "" ? "" : `  ${text}`))
  const text = behind.find((one) => roomBeside(one) >= LEAST_BAR) ?? ""
  const size = Math.max(0, Math.min(MOST_BAR, roomBeside(text)))
  const complete = Math.round(Math.min(1, progress) * size)
  return `${label} ${COMPLETE.repeat(complete)}${INCOMPLETE.repeat(size - complete)} ${count}${text}`
}

const joined = (...texts: readonly string[]): string => texts.filter(Boolean).join("  ")

/** Bars on a terminal, one for frames fetched and one for frames finished. */
export function bars(stderr: Writer): Display {
  // The last column stays free: some terminals go on to the next line as soon as it is written.
  const columns = (): number => columnsOf(stderr) - 1
  const multi = new MultiBar({
    stream: stderr,
    format: (_: Options, params: Params, payload: Remarks) => barLine(params, payload, columns()),
    hideCursor: true,
    emptyOnZero: true,
    // The library's own SIGINT handler would draw after the command has ended.
    gracefulExit: false,
  })
  const fetched = multi.create(0, 0, { label: "fetched ", texts: [] })
  const finished = multi.create(0, 0, { label: "finished", texts: [] })
  const set = (bar: SingleBar, [value, total]: readonly [number, number], texts: readonly string[]): void => {
    bar.setTotal(total)
    bar.update(value, { texts })
  }
  return {
    show: (now) => {
      const [found, left, results] = [foundText(now), leftText(now), resultTexts(now).join(", ")]
      set(fetched, [now.fetched, now.total], [joined(found, left), left])
      const shortest = `made ${now.rendered + now.reused}, failed ${now.failed}`
      set(finished, [now.finished, now.total], [joined(results, rateText(now)), results, shortest])
      multi.update()
    },
    // The library turns the terminal's own line breaks off while it draws.
    note: (line) => multi.log(`${wrapped(line, columns()).join("\n")}\n`),
    end: () => multi.stop(),
  }
}

/** Plain lines for pipes and files; a line that would repeat the last counters is left out. */
export function lines(stderr: Writer): Display {
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
