import type { Rational, TimecodeJump, TimecodeReport } from "../../events/records.generated.ts"
import { fitsRate, framesSinceMidnight, nominalRate, timecodeAt } from "../../picture/encode/timecode.ts"
import { type FrameColumns, frameOf, timecodeOf } from "./frame-columns.ts"
import { frameList } from "./frame-list.ts"

// Whether the timecodes of a sequence count as its frames do.

/** Jumps of which a report tells what follows and what is there; of the others it lists the frames. */
const MOST_TOLD = 20

type Count = {
  /** Rate at which the timecodes are counted. */
  readonly rate: Rational
  /** Frames that share one timecode. */
  readonly each: 1 | 2
}

export function timecodeReport(all: FrameColumns, rows: Uint32Array, rate: Rational, mostRuns: number): TimecodeReport {
  const counts = countsAt(rate).map((count) => jumpsIn(all, rows, count, mostRuns))
  const [fewest] = counts.sort((a, b) => a.jumps.count - b.jumps.count)
  const first = rows.find((row) => timecodeOf(all, row) !== null)
  const without = frameList(mostRuns)
  if (first !== undefined) for (const row of rows) if (timecodeOf(all, row) === null) without.add(frameOf(all, row))
  return {
    first: first === undefined ? null : timecodeOf(all, first),
    jumps: fewest?.jumps ?? frameList(mostRuns).done(),
    told: fewest?.told ?? [],
    without: without.done(),
  }
}

/**
 * SMPTE ST 12-1 has room for 39 frames in a second. Faster pictures are counted in pairs (ST 12-1:2014, 12.1), unless their
 * headers go beyond that.
 */
function countsAt(rate: Rational): Count[] {
  const all: Count = { rate, each: 1 }
  const isFast = nominalRate(rate) > 30 && nominalRate(rate) % 2 === 0
  return isFast ? [all, { rate: { num: rate.num, den: rate.den * 2 }, each: 2 }] : [all]
}

/** Where the timecodes count on as the frames do, all are compared with the first of them: deviations do not add up unseen. */
function jumpsIn(all: FrameColumns, rows: Uint32Array, count: Count, mostRuns: number) {
  const jumps = frameList(mostRuns)
  const told: TimecodeJump[] = []
  let start: Start | null = null
  for (const row of rows) {
    const [frame, found] = [frameOf(all, row), timecodeOf(all, row)]
    if (found === null) continue
    const exists = fitsRate(found, count.rate)
    const expected: readonly string[] = start === null ? [] : expectedAt(frame, start, count)
    const isJump = !exists || (start !== null && !expected.includes(found))
    if (isJump) jumps.add(frame)
    if (isJump && told.length < MOST_TOLD) told.push({ frame, expected: expected[0] ?? null, found })
    if (isJump || start === null) start = exists ? { frame, timecode: found } : null
  }
  return { jumps: jumps.done(), told }
}

type Start = { readonly frame: number; readonly timecode: string }

/** Of two frames that share a timecode, nobody knows whether the first in sight is the first of them. */
function expectedAt(frame: number, start: Start, { rate, each }: Count): readonly string[] {
  const passed = (frame - start.frame) / each
  const counting = start.timecode.includes(";") ? "drop-frame" : "all"
  const first = framesSinceMidnight(start.timecode, rate)
  return [Math.floor(passed), Math.ceil(passed)].map((count) => timecodeAt(first + count, rate, counting))
}
