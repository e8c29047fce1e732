import { framesWithout } from "../../element/frame-ranges.ts"
import type { FrameList, IntegrityReport, Rational } from "../../events/records.generated.ts"
import { driftOf } from "./drift.ts"
import {
  type FrameColumns,
  failureOf,
  frameColumns,
  frameOf,
  hashOf,
  hasSameBytes,
  isBlack,
  isMade,
  isNearlyBlack,
  looksTheSame,
  nonFiniteOf,
  rowsInOrder,
} from "./frame-columns.ts"
import { type FrameFacts, rateOfText } from "./frame-facts.ts"
import { type FrameListBuilder, frameList } from "./frame-list.ts"
import { timecodeReport } from "./timecodes.ts"

/**
 * What is wrong with a sequence, of what the facts of its frames say: no source is read for it. The same facts give the
 * same report in whatever order they come.
 */

export type { FrameList, IntegrityReport } from "../../events/records.generated.ts"
export { MOST_VALUES } from "./drift.ts"
export { bytesOfColumns, type FrameColumns, frameColumns, noColumns, putFrame } from "./frame-columns.ts"
export {
  type FrameFacts,
  factsOf,
  type ToldFrame,
  TRAITS,
  type Trait,
} from "./frame-facts.ts"

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

export function integrityOf(facts: Iterable<FrameFacts>, expected: Expectation): IntegrityReport {
  const all = frameColumns(facts)
  return reportOf(all, rowsInOrder(all), expected)
}

/** `files` are the rows that count, in the order of their frames; of several files of one frame the one that is shown comes last. */
export function reportOf(all: FrameColumns, files: Uint32Array, expected: Expectation): IntegrityReport {
  // Of two files of one frame the last is shown.
  const rows = files.filter(
    (row, at) => frameOf(all, row) !== frameOf(all, files[at + 1] ?? -1) || at === files.length - 1,
  )
  const shown = rows.filter((row) => isMade(all, row))
  const drift = driftOf(all, shown, expected.mostRuns)
  const rateText = drift.usual.rate ?? null
  const rate = rateText === null ? null : rateOfText(rateText)
  const findings = {
    ...presence(all, { files, rows, shown }, expected),
    drift: drift.drifts,
    rate,
    timecodes: timecodeReport(all, shown, rate ?? expected.defaultRate, expected.mostRuns),
    ...contents(all, shown, expected.mostRuns),
  }
  return { isSound: isSound(findings), ...findings }
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
    missing: stated === null ? gaps(found, mostRuns) : listOf(framesWithout(stated, found), mostRuns),
    failed: failures(all, rows, mostRuns),
    duplicates: listOf(repeated, mostRuns),
    outside: listOf(stated === null ? [] : framesWithout(found, stated), mostRuns),
    firstFrame:
      found[0] === undefined || firstExpected === null || found[0] === firstExpected
        ? null
        : { expected: firstExpected, found: found[0] },
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
    nearlyBlack: where((row) => isNearlyBlack(all, row)),
    frozen: where((row, before) => before !== null && hasSameBytes(all, row, before)),
    alike: where((row, before) => before !== null && !hasSameBytes(all, row, before) && looksTheSame(all, row, before)),
    nonFinite: {
      frames: where((row) => nonFiniteOf(all, row) > 0),
      samples: shown.reduce((sum, row) => sum + nonFiniteOf(all, row), 0),
    },
    unhashed: where((row) => hashOf(all, row) === null),
  }
}
