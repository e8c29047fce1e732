import type { Rational } from "../../events/records.generated.ts"
import { type Drift, driftOf } from "./drift.ts"
import {
  type FrameColumns,
  failureOf,
  frameColumns,
  frameOf,
  hashOf,
  hasSameBytes,
  isBlack,
  isMade,
  looksTheSame,
  nonFiniteOf,
  peakOf,
  rowsInOrder,
} from "./frame-columns.ts"
import { type FrameFacts, rateOfText } from "./frame-facts.ts"
import { type FrameList, type FrameListBuilder, frameList } from "./frame-list.ts"
import { type TimecodeReport, timecodeReport } from "./timecodes.ts"

/**
 * What is wrong with a sequence, of what the facts of its frames say: no source is read for it. The same facts give the
 * same report in whatever order they come.
 */

export { type Drift, MOST_VALUES } from "./drift.ts"
export {
  type FrameFacts,
  factsOf,
  failedFrame,
  type Look,
  madeFrame,
  type ToldFrame,
  TRAITS,
  type Trait,
} from "./frame-facts.ts"
export type { FrameList } from "./frame-list.ts"
export type { TimecodeJump, TimecodeReport } from "./timecodes.ts"

export type Expectation = {
  /** Frames that somebody stated that there must be, ascending; null for those from the first to the last found. */
  readonly stated: Float64Array | null
  /** Number that sequences begin with by rule; null where no rule says so. Stated frames say it as well. */
  readonly firstFrame: number | null
  /** Of a sequence whose headers say none. */
  readonly defaultRate: Rational
  /** Runs that each list of frames holds at most. */
  readonly mostRuns: number
}

export type IntegrityReport = {
  /** First and last of the frames that were judged; null where there are none. */
  readonly range: { readonly first: number; readonly last: number } | null
  /** Frames that there is a picture of, each once. */
  readonly made: FrameList
  readonly missing: FrameList
  /** Frames without any picture because their files failed, by the code of the failure. */
  readonly failed: readonly { readonly code: string; readonly frames: FrameList }[]
  /** Frames that there is more than one file of: `a.7.exr` and `a.0007.exr`. */
  readonly duplicates: FrameList
  /** Found frames outside a stated range. */
  readonly outside: FrameList
  /** null where the first frame is the expected one, or none is expected. */
  readonly firstFrame: { readonly expected: number; readonly found: number } | null
  readonly drift: readonly Drift[]
  /** Of the sequence, as most headers say it; null where they say none. */
  readonly rate: Rational | null
  readonly timecodes: TimecodeReport
  readonly black: FrameList
  /** Not black, but without any value above {@link NEARLY_BLACK}. */
  readonly nearlyBlack: FrameList
  /** The same bytes as the frame before. */
  readonly frozen: FrameList
  /** Other bytes, but the same thumbnail as the frame before: a hold, or a shot in which nothing moves. */
  readonly alike: FrameList
  readonly nonFinite: { readonly frames: FrameList; readonly samples: number }
  /** Made frames of whose source nobody knows the hash. */
  readonly unhashed: FrameList
  /** Nothing of the above is a defect. Frames that look alike are none, nor are sources without a hash. */
  readonly isSound: boolean
}

/** Code value of a thumbnail below which nobody sees anything, noise of its JPEG included. */
export const NEARLY_BLACK = 16

export function integrityOf(facts: Iterable<FrameFacts>, expected: Expectation): IntegrityReport {
  const all = frameColumns(facts)
  const files = rowsInOrder(all)
  // Of two files of one frame the last is shown.
  const rows = files.filter(
    (row, at) => frameOf(all, row) !== frameOf(all, files[at + 1] ?? -1) || at === files.length - 1,
  )
  const shown = rows.filter((row) => isMade(all, row))
  const drift = driftOf(all, shown, expected.mostRuns)
  const rateText = drift.usual.rate ?? null
  const rate = rateText === null ? null : rateOfText(rateText)
  const report = {
    ...presence(all, { files, rows, shown }, expected),
    drift: drift.drifts,
    rate,
    timecodes: timecodeReport(all, shown, rate ?? expected.defaultRate, expected.mostRuns),
    ...contents(all, shown, expected.mostRuns),
  }
  return { ...report, isSound: isSound(report) }
}

function isSound(report: Omit<IntegrityReport, "isSound">): boolean {
  const { missing, duplicates, outside, black, nearlyBlack, frozen, nonFinite, timecodes } = report
  const lists = [missing, duplicates, outside, black, nearlyBlack, frozen, nonFinite.frames]
  const isClean = [...lists, timecodes.jumps, timecodes.without].every(({ count }) => count === 0)
  return isClean && report.failed.length === 0 && report.drift.length === 0 && report.firstFrame === null
}

type Rows = { readonly files: Uint32Array; readonly rows: Uint32Array; readonly shown: Uint32Array }

function presence(all: FrameColumns, { files, rows, shown }: Rows, { stated, ...expected }: Expectation) {
  const { mostRuns } = expected
  const framesAt = (of: Uint32Array): Float64Array => Float64Array.from(of, (row) => frameOf(all, row))
  const found = framesAt(rows)
  const judged = stated ?? found
  const [first, last] = [judged[0], judged.at(-1)]
  const firstExpected = stated?.[0] ?? expected.firstFrame
  const repeated = framesAt(files).filter((frame, at, frames) => frame === frames[at - 1])
  return {
    range: first === undefined || last === undefined ? null : { first, last },
    made: listOf(framesAt(shown), mostRuns),
    missing: stated === null ? gaps(found, mostRuns) : listOf(without(stated, found), mostRuns),
    failed: failures(all, rows, mostRuns),
    duplicates: listOf(repeated, mostRuns),
    outside: listOf(stated === null ? [] : without(found, stated), mostRuns),
    firstFrame:
      found[0] === undefined || firstExpected === null || found[0] === firstExpected
        ? null
        : { expected: firstExpected, found: found[0] },
  }
}

/** What is in one set and not in the other; both ascend. */
function* without(frames: Float64Array, others: Float64Array): Generator<number> {
  let at = 0
  for (const frame of frames) {
    while ((others[at] ?? Number.POSITIVE_INFINITY) < frame) at++
    if (others[at] !== frame) yield frame
  }
}

function listOf(frames: Iterable<number>, mostRuns: number): FrameList {
  const list = frameList(mostRuns)
  for (const frame of frames) list.add(frame)
  return list.done()
}

/** Without counting through the frames that are not there: numbers of two kinds are far apart. */
function gaps(found: Float64Array, mostRuns: number): FrameList {
  const list = frameList(mostRuns)
  for (const [at, frame] of found.entries()) {
    const next = (found[at - 1] ?? frame) + 1
    if (frame > next) list.add(next, frame - 1)
  }
  return list.done()
}

function failures(all: FrameColumns, rows: Uint32Array, mostRuns: number): IntegrityReport["failed"] {
  const lists = new Map<string, FrameListBuilder>()
  for (const row of rows) {
    if (isMade(all, row)) continue
    const list = lists.get(failureOf(all, row)) ?? frameList(mostRuns)
    lists.set(failureOf(all, row), list)
    list.add(frameOf(all, row))
  }
  return [...lists].map(([code, list]) => ({ code, frames: list.done() }))
}

function contents(all: FrameColumns, shown: Uint32Array, mostRuns: number) {
  const where = (isSo: (row: number, before: number | null) => boolean): FrameList => {
    const list = frameList(mostRuns)
    for (const [at, row] of shown.entries()) if (isSo(row, shown[at - 1] ?? null)) list.add(frameOf(all, row))
    return list.done()
  }
  return {
    black: where((row) => isBlack(all, row)),
    nearlyBlack: where((row) => !isBlack(all, row) && (peakOf(all, row) ?? 255) <= NEARLY_BLACK),
    frozen: where((row, before) => before !== null && hasSameBytes(all, row, before)),
    alike: where((row, before) => before !== null && !hasSameBytes(all, row, before) && looksTheSame(all, row, before)),
    nonFinite: {
      frames: where((row) => nonFiniteOf(all, row) > 0),
      samples: shown.reduce((sum, row) => sum + nonFiniteOf(all, row), 0),
    },
    unhashed: where((row) => hashOf(all, row) === null),
  }
}
