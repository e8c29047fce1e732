// What is known of the frames of one sequence, in typed arrays: 100,000 frames take 12 MB.

/** A moment in an order that all agree on: of two facts at one time, the one with the greater id is later. */
export type Moment = { readonly atMs: number; readonly id: bigint }

/** What became of an arrival, as it was recorded. */
export type Outcome = {
  readonly state: "made" | "failed"
  /** The arrival that it is of. */
  readonly arrival: Moment
  readonly recorded: Moment
  /** Names the picture that was made, in two halves of 64 bits: of which version of its source, by which renderKey. */
  readonly picture: readonly [bigint, bigint]
  /** Digits that the number is written with in the name of the file. */
  readonly padding: number
}

export type FrameState = "absent" | "unfinished" | Outcome["state"]

const STATES: readonly FrameState[] = ["absent", "unfinished", "made", "failed"]

/** Moments that are kept of each frame; each only ever becomes later. */
const [ARRIVAL, OUTCOME_ARRIVAL, OUTCOME_RECORDED, REMOVAL] = [0, 1, 2, 3]
const MOMENTS = 4

/**
 * The frames, each in a row that it keeps. Whatever the order in which facts come, and however often, the end is the same:
 * every row holds the last of each kind.
 */
export type FramesKnown = {
  readonly rows: Map<number, number>
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

/** Answers whether the frame is in another state now. */
export function arrive(known: FramesKnown, frame: number, arrival: Moment): boolean {
  const row = rowOf(known, frame)
  return write(known, row, ARRIVAL, arrival) && settle(known, row)
}

/** Answers whether the frame is in another state now, or its picture another one. */
export function finish(known: FramesKnown, frame: number, outcome: Outcome): boolean {
  const row = rowOf(known, frame)
  const isLater = compare(known, row, OUTCOME_ARRIVAL, outcome.arrival)
  if (isLater < 0 || (isLater === 0 && compare(known, row, OUTCOME_RECORDED, outcome.recorded) <= 0)) return false
  put(known, row, OUTCOME_ARRIVAL, outcome.arrival)
  put(known, row, OUTCOME_RECORDED, outcome.recorded)
  const { pictures, outcomes, paddings } = known.columns
  const isOther = outcome.picture.some((half, index) => pictures[row * 2 + index] !== half)
  pictures.set(outcome.picture, row * 2)
  outcomes[row] = STATES.indexOf(outcome.state)
  const hasOtherName = paddings[row] !== outcome.padding
  paddings[row] = outcome.padding
  // Its arrival may have been forgotten by the log, or be heard of later.
  write(known, row, ARRIVAL, outcome.arrival)
  return settle(known, row) || isOther || hasOtherName
}

export function remove(known: FramesKnown, frame: number, removal: Moment): boolean {
  const row = rowOf(known, frame)
  return write(known, row, REMOVAL, removal) && settle(known, row)
}

/** Frames in a state, ascending. */
export function framesIn({ rows, columns }: FramesKnown, state: FrameState): Float64Array {
  const code = STATES.indexOf(state)
  return columns.frames
    .subarray(0, rows.size)
    .filter((_, row) => columns.states[row] === code)
    .sort()
}

/** The picture of a made frame. */
export function pictureOf({ rows, columns }: FramesKnown, frame: number): BigUint64Array {
  const row = rows.get(frame) ?? 0
  return columns.pictures.subarray(row * 2, row * 2 + 2)
}

/** Digits that the number of a finished frame is written with. */
export const paddingOf = ({ rows, columns }: FramesKnown, frame: number): number =>
  columns.paddings[rows.get(frame) ?? -1] ?? 0

function rowOf(known: FramesKnown, frame: number): number {
  const row = known.rows.get(frame) ?? known.rows.size
  if (row < known.rows.size) return row
  if (row === known.columns.frames.length) known.columns = widened(known.columns, row * 2)
  known.rows.set(frame, row)
  known.columns.frames[row] = frame
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

/** Absent is what was removed when or after it arrived; unfinished what has no outcome of its last arrival. */
function stateOf(known: FramesKnown, row: number): FrameState {
  const { atMs, ids, outcomes } = known.columns
  const at = row * MOMENTS
  const arrival = { atMs: atMs[at + ARRIVAL] ?? 0, id: ids[at + ARRIVAL] ?? 0n }
  if ((atMs[at + REMOVAL] ?? 0) >= arrival.atMs) return "absent"
  return compare(known, row, OUTCOME_ARRIVAL, arrival) > 0 ? "unfinished" : (STATES[outcomes[row] ?? 0] ?? "absent")
}
