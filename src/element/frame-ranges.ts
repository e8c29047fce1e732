// Sets of frame numbers, and how they are written: `1001-1040,1045`.

/**
 * What stands in a missing frame's place in a movie: the frame before it (or the first there is), black, nothing, or no
 * movie at all for as long as one is missing.
 */
export const GAP_POLICIES = ["hold", "black", "skip", "error"] as const

export type GapPolicy = (typeof GAP_POLICIES)[number]

/** More than 24 hours have at 120 frames a second: whoever writes more has made a mistake. */
const MOST_FRAMES = 24 * 3600 * 120

/** The numbers that records carry as they are: Avro doubles each, and of a negative one not to an even number. */
const LEAST_FRAME = -(2 ** 52)
export const GREATEST_FRAME = 2 ** 53 - 2

export const isFrameNumber = (raw: unknown): raw is number =>
  Number.isSafeInteger(raw) && Number(raw) >= LEAST_FRAME && Number(raw) <= GREATEST_FRAME

/** Frame numbers in ascending order, each once, whatever order they come in. */
export function frameSet(frames: Iterable<number>): Float64Array {
  const sorted = Float64Array.from(frames).sort()
  let kept = 0
  for (let at = 0; at < sorted.length; at++) {
    const frame = sorted[at] ?? 0
    if (kept === 0 || sorted[kept - 1] !== frame) sorted[kept++] = frame
  }
  return sorted.slice(0, kept)
}

/** Frames of one ascending set that are not in another. */
export function framesWithout(frames: Float64Array, others: Float64Array): Float64Array {
  let at = 0
  return frames.filter((frame) => {
    while ((others[at] ?? Number.POSITIVE_INFINITY) < frame) at++
    return others[at] !== frame
  })
}

/** Frames of an ascending set as text: runs as `first-last`, which for negative numbers gives `-5--1`. */
export function rangesText(frames: Float64Array): string {
  const runs: string[] = []
  let first = 0
  for (let at = 0; at < frames.length; at++) {
    if (frames[at + 1] === (frames[at] ?? 0) + 1) continue
    runs.push(first === at ? `${frames[first]}` : `${frames[first]}-${frames[at]}`)
    first = at + 1
  }
  return runs.join(",")
}

/** What lies between ascending frames, without counting through it: numbers of two kinds are far apart. */
export function holesText(frames: Float64Array): string {
  const holes: string[] = []
  for (let at = 1; at < frames.length; at++) {
    const [first, last] = [(frames[at - 1] ?? 0) + 1, (frames[at] ?? 0) - 1]
    if (first <= last) holes.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return holes.join(",")
}

/** Ranges of which no more are written than so many letters take; `...` in the end says that there are more. */
export function cappedRanges(ranges: string, mostLetters = MOST_LETTERS): string {
  if (ranges.length <= mostLetters) return ranges
  return `${ranges.slice(0, ranges.lastIndexOf(",", mostLetters))},...`
}

/** Some three thousand runs: whoever wants to know more of a sequence that sparse asks its made frames. */
const MOST_LETTERS = 32_000

const RUN = /^(-?\d+)(?:-(-?\d+)(?:x([1-9]\d*))?)?$/

/**
 * Frames of a text: numbers and runs, also with a step as in `1-9x2`, in any order, separated by commas. null where it is
 * none, or where it holds more frames than a day.
 */
export function framesOfText(text: string): Float64Array | null {
  const runs: Run[] = []
  let count = 0
  for (const part of text.split(",")) {
    const run = runOf(part.trim())
    if (run === null) return null
    count += run.count
    if (count > MOST_FRAMES) return null
    runs.push(run)
  }
  return frameSet(numbersOf(runs))
}

type Run = { readonly first: number; readonly step: number; readonly count: number }

function runOf(part: string): Run | null {
  const [, from, to, by] = RUN.exec(part) ?? []
  if (from === undefined) return null
  const [first, last, step] = [Number(from), Number(to ?? from), Number(by ?? "1")]
  const isExact = isFrameNumber(first) && isFrameNumber(last) && Number.isSafeInteger(step)
  return isExact && last >= first ? { first, step, count: Math.floor((last - first) / step) + 1 } : null
}

function* numbersOf(runs: readonly Run[]): Generator<number> {
  for (const { first, step, count } of runs) for (let at = 0; at < count; at++) yield first + at * step + 0
}
