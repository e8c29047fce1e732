// What is known of the files of one sequence, in typed arrays: 100,000 frames take 12 MB.

import { rangesText } from "../../src/element/frame-ranges.ts"
import { framePictureOf } from "../../src/events/identity.ts"
import type { SequenceSettled } from "../../src/events/records.generated.ts"

/** A moment in an order that all agree on: of two facts at one time, the one with the greater id is later. */
export type Moment = { readonly atMs: number; readonly id: bigint }

/** Ids are put in an order by their first 64 bits; others' facts may have ids of any form. */
export const idOf = (id: string): bigint =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/.test(id)
    ? BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(14, 18)}`)
    : framePictureOf(id, "")[0]

/** What became of an arrival. */
export type Outcome = {
  readonly state: "made" | "failed" | "absent"
  /** The arrival that it is of, by the clock of whoever took it in. */
  readonly arrival: Moment
  /** Orders outcomes of one file, by the clock of its store. */
  readonly told: Moment
  /** Names the picture that was made, in two halves of 64 bits: of which version of its source, by which renderKey. */
  readonly picture: readonly [bigint, bigint]
}

/** A file of a sequence: `a.7.exr` and `a.0007.exr` are two of one frame. */
export type FrameName = {
  readonly frame: number
  /** Digits that the number is written with. */
  readonly padding: number
}

export type FrameState = "unfinished" | Outcome["state"]

const STATES: readonly FrameState[] = ["absent", "unfinished", "made", "failed"]

/** Moments that are kept of each frame; each only ever becomes later. */
const [ARRIVAL, FINISHED, OUTCOME] = [0, 1, 2]
const MOMENTS = 3

/**
 * The files, each in a row that it keeps. Whatever the order in which facts come, and however often, the end is the same:
 * every row holds the last of each kind.
 */
export type FramesKnown = {
  /** Rows of the first file of each frame, and of its others by frame and padding. */
  readonly rows: Map<number | string, number>
  /** How many are in each state. */
  readonly counts: Record<FrameState, number>
  columns: Columns
}

type Columns = {
  readonly frames: Float64Array
  readonly atMs: Float64Array
  readonly ids: BigUint64Array
  readonly pictures: BigUint64Array
  readonly outcomes: Uint8Array
  readonly states: Uint8Array
  readonly paddings: Uint16Array
}

const columnsFor = (rows: number): Columns => ({
  frames: new Float64Array(rows),
  atMs: new Float64Array(rows * MOMENTS),
  ids: new BigUint64Array(rows * MOMENTS),
  pictures: new BigUint64Array(rows * 2),
  outcomes: new Uint8Array(rows),
  states: new Uint8Array(rows),
  paddings: new Uint16Array(rows),
})

export const noFrames = (): FramesKnown => ({
  rows: new Map(),
  counts: { absent: 0, unfinished: 0, made: 0, failed: 0 },
  columns: columnsFor(4),
})

/** What {@link FramesKnown} takes in memory, about: 76 bytes of columns a row, and where each frame's row is. */
export const bytesOfFrames = ({ rows, columns }: FramesKnown): number => columns.frames.length * 76 + rows.size * 48

/** Answers whether the frame is in another state now. */
export function arrive(known: FramesKnown, name: FrameName, arrival: Moment): boolean {
  const row = rowOf(known, name)
  return write(known, row, ARRIVAL, arrival) && settle(known, row)
}

/** An arrival has ended of which nothing has become. Answers whether the frame is in another state now. */
export function end(known: FramesKnown, name: FrameName, arrival: Moment): boolean {
  const row = rowOf(known, name)
  return write(known, row, FINISHED, arrival) && settle(known, row)
}

/** The row of the file, and whether that is the last outcome of it, or it is in another state now. */
export function finish(
  known: FramesKnown,
  name: FrameName,
  { state, arrival, told, picture }: Outcome,
): { readonly row: number; readonly isLast: boolean; readonly isOther: boolean } {
  const row = rowOf(known, name)
  write(known, row, FINISHED, arrival)
  const isLast = write(known, row, OUTCOME, told)
  if (isLast) {
    known.columns.pictures.set(picture, row * 2)
    known.columns.outcomes[row] = STATES.indexOf(state)
  }
  const isOther = settle(known, row)
  return { row, isLast, isOther }
}

/** Rows of all finished files, by their frames; of several of one frame the one that is shown comes last. */
export function finishedRows({ rows, columns: { frames, states, atMs, paddings } }: FramesKnown): Uint32Array {
  const finished = Uint32Array.from({ length: rows.size }, (_, row) => row).filter((row) => isFinished(states[row]))
  const differ = (one: number, other: number): number =>
    (frames[one] ?? 0) - (frames[other] ?? 0) ||
    // A picture is shown rather than none, then the later one.
    (states[other] ?? 0) - (states[one] ?? 0) ||
    (atMs[one * MOMENTS + OUTCOME] ?? 0) - (atMs[other * MOMENTS + OUTCOME] ?? 0) ||
    (paddings[one] ?? 0) - (paddings[other] ?? 0)
  return isAscending(finished, frames) ? finished : finished.sort(differ)
}

const isAscending = (rows: Uint32Array, frames: Float64Array): boolean =>
  rows.every((row, at) => at === 0 || (frames[rows[at - 1] ?? 0] ?? 0) < (frames[row] ?? 0))

const isFinished = (state = 0): boolean => state >= STATES.indexOf("made")

/** Of the finished files those that are shown, one a frame, ascending; `state` is what became of them. */
export function shownRows(known: FramesKnown, state: "made" | "failed"): Uint32Array {
  const { frames, states } = known.columns
  const finished = finishedRows(known)
  return finished.filter((row, at) => {
    const next = finished[at + 1]
    const isLast = next === undefined || frames[next] !== frames[row]
    return isLast && states[row] === STATES.indexOf(state)
  })
}

export const framesAt = ({ columns }: FramesKnown, rows: Uint32Array): Float64Array =>
  Float64Array.from(rows, (row) => columns.frames[row] ?? 0)

/** The picture of a made file. */
export const pictureAt = ({ columns }: FramesKnown, row: number): BigUint64Array =>
  columns.pictures.subarray(row * 2, row * 2 + 2)

/** The smallest width, and the frames that are not written as it lets expect. */
export function widthsOf(known: FramesKnown, rows: Uint32Array): Pick<SequenceSettled, "padding" | "otherWidths"> {
  const made = framesAt(known, rows)
  const widths = Uint16Array.from(rows, (row) => known.columns.paddings[row] ?? 0)
  const padding = widths.reduce((least, width) => Math.min(least, width), widths[0] ?? 1)
  const others = Map.groupBy(made.keys(), (at) => widths[at] ?? 0)
  const isOther = (at: number): boolean => digitsOf(made[at] ?? 0, padding) !== widths[at]
  const otherWidths = [...others].flatMap(([width, places]) => {
    const strays = places.filter(isOther).map((at) => made[at] ?? 0)
    return strays.length === 0 ? [] : [{ padding: width, frames: rangesText(Float64Array.from(strays)) }]
  })
  return { padding, otherWidths }
}

const digitsOf = (frame: number, padding: number): number => Math.max(padding, String(Math.abs(frame)).length)

function rowOf(known: FramesKnown, { frame, padding }: FrameName): number {
  const first = known.rows.get(frame)
  const name = first === undefined || known.columns.paddings[first] === padding ? frame : `${frame}/${padding}`
  const row = known.rows.get(name) ?? known.rows.size
  if (row < known.rows.size) return row
  if (row === known.columns.frames.length) known.columns = widened(known.columns, row * 2)
  known.rows.set(name, row)
  known.columns.frames[row] = frame
  known.columns.paddings[row] = padding
  known.counts.absent++
  return row
}

function widened(from: Columns, rows: number): Columns {
  const to = columnsFor(rows)
  to.frames.set(from.frames)
  to.atMs.set(from.atMs)
  to.ids.set(from.ids)
  to.pictures.set(from.pictures)
  to.outcomes.set(from.outcomes)
  to.states.set(from.states)
  to.paddings.set(from.paddings)
  return to
}

/** Above 0 where a moment is later than the one that is kept. */
function compare({ columns }: FramesKnown, row: number, kind: number, { atMs, id }: Moment): number {
  const place = row * MOMENTS + kind
  const known = columns.atMs[place] ?? 0
  if (atMs !== known) return atMs - known
  const knownId = columns.ids[place] ?? 0n
  return id === knownId ? 0 : id > knownId ? 1 : -1
}

function put({ columns }: FramesKnown, row: number, kind: number, { atMs, id }: Moment): void {
  columns.atMs[row * MOMENTS + kind] = atMs
  columns.ids[row * MOMENTS + kind] = id
}

function write(known: FramesKnown, row: number, kind: number, moment: Moment): boolean {
  if (compare(known, row, kind, moment) <= 0) return false
  put(known, row, kind, moment)
  return true
}

function settle(known: FramesKnown, row: number): boolean {
  const { states } = known.columns
  const [before, now] = [STATES[states[row] ?? 0] ?? "absent", stateOf(known, row)]
  if (before === now) return false
  known.counts[before]--
  known.counts[now]++
  states[row] = STATES.indexOf(now)
  return true
}

/**
 * Unfinished is what arrived later than all that was finished; of everything else the last outcome counts. Which arrival is
 * the last one is for the clocks of those who took them in to say, and may be wrong; which outcome is, is not.
 */
function stateOf(known: FramesKnown, row: number): FrameState {
  const { atMs, ids, outcomes } = known.columns
  const at = row * MOMENTS + ARRIVAL
  const arrival = { atMs: atMs[at] ?? 0, id: ids[at] ?? 0n }
  return compare(known, row, FINISHED, arrival) > 0 ? "unfinished" : (STATES[outcomes[row] ?? 0] ?? "absent")
}
