import { type FrameFacts, TRAITS } from "./frame-facts.ts"

// The frames of one sequence in typed arrays: a frame takes some 150 bytes.

/** Numbers of distinct values; the value of a trait in a row is such a number, 0 where it is not known. */
export type Values = { readonly texts: (string | null)[]; readonly numbers: Map<string | null, number> }

export const UNKNOWN = 0
const NO_TIMECODE = 0xffffffff
const BLACK = 1
const NEARLY_BLACK = 2
const FAILED = 4

export type FrameColumns = {
  count: number
  /** Of all traits, and codes of failures. */
  readonly values: Values
  columns: Columns
}

type Columns = {
  readonly frames: Float64Array
  readonly recordedAtMs: Float64Array
  readonly nonFinite: Float64Array
  readonly hashes: BigUint64Array
  readonly traits: Uint32Array
  readonly timecodes: Uint32Array
  readonly looks: BigUint64Array
  readonly failures: Uint32Array
  readonly paddings: Uint16Array
  readonly flags: Uint8Array
}

const columnsFor = (rows: number): Columns => ({
  frames: new Float64Array(rows),
  recordedAtMs: new Float64Array(rows),
  nonFinite: new Float64Array(rows),
  hashes: new BigUint64Array(rows * 2),
  traits: new Uint32Array(rows * TRAITS.length),
  timecodes: new Uint32Array(rows),
  looks: new BigUint64Array(rows * 2),
  failures: new Uint32Array(rows),
  paddings: new Uint16Array(rows),
  flags: new Uint8Array(rows),
})

export const noColumns = (): FrameColumns => ({
  count: 0,
  values: { texts: [null], numbers: new Map() },
  columns: columnsFor(LEAST_ROWS),
})

const LEAST_ROWS = 4

/** What they take in memory, about: 111 bytes a row, and the texts. */
export const bytesOfColumns = ({ values, columns }: FrameColumns): number =>
  columns.frames.length * 111 + values.texts.length * 100

/** Takes every file of the sequence once; of one that is told twice, the last counts. */
export function frameColumns(frames: Iterable<FrameFacts>): FrameColumns {
  const [all, rows] = [noColumns(), new Map<string, number>()]
  for (const frame of frames) {
    const name = `${frame.frame}/${frame.padding}`
    const row = rows.get(name) ?? rows.size
    rows.set(name, row)
    putFrame(all, row, frame)
  }
  return all
}

/** Writes what is known of a file into its row. */
export function putFrame(all: FrameColumns, row: number, facts: FrameFacts): void {
  const length = all.columns.frames.length
  if (row >= length) all.columns = widened(all.columns, Math.max(length * 2, row + 1))
  all.count = Math.max(all.count, row + 1)
  const { columns } = all
  columns.frames[row] = facts.frame
  columns.paddings[row] = facts.padding
  columns.recordedAtMs[row] = facts.recordedAtMs
  columns.nonFinite[row] = facts.nonFiniteCount
  columns.hashes.set(halvesOf(facts.contentHash), row * 2)
  columns.timecodes[row] = packed(facts.timecode)
  columns.failures[row] = facts.failure === null ? UNKNOWN : numberOf(all.values, facts.failure)
  columns.looks.set(halvesOf(facts.thumbnailHash), row * 2)
  const isFailed = facts.failure !== null
  columns.flags[row] = (facts.isBlack ? BLACK : 0) | (facts.isNearlyBlack ? NEARLY_BLACK : 0) | (isFailed ? FAILED : 0)
  for (const [index, trait] of TRAITS.entries()) {
    const value = facts.traits[trait]
    columns.traits[row * TRAITS.length + index] = value === undefined ? UNKNOWN : numberOf(all.values, value)
  }
}

function widened(from: Columns, rows: number): Columns {
  const to = columnsFor(rows)
  for (const name of Object.keys(to) as (keyof Columns)[]) {
    // Each column keeps its kind of number.
    const [source, target] = [from[name], to[name]]
    if (source instanceof BigUint64Array && target instanceof BigUint64Array) target.set(source)
    else if (!(source instanceof BigUint64Array) && !(target instanceof BigUint64Array)) target.set(source)
  }
  return to
}

function numberOf({ texts, numbers }: Values, value: string | null): number {
  const known = numbers.get(value)
  if (known !== undefined) return known
  numbers.set(value, texts.length)
  return texts.push(value) - 1
}

function halvesOf(hash: string | null): readonly [bigint, bigint] {
  if (hash === null || !/^[0-9a-f]{32}$/.test(hash)) return [0n, 0n]
  return [BigInt(`0x${hash.slice(0, 16)}`), BigInt(`0x${hash.slice(16)}`)]
}

/** A timecode in 32 bits, a byte each for its numbers; the highest bit of the last says drop-frame. */
function packed(timecode: string | null): number {
  const match = /^(\d\d):(\d\d):(\d\d)([:;])(\d\d)$/.exec(timecode ?? "")
  if (match === null) return NO_TIMECODE
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] = [match[1], match[2], match[3], match[5]].map(Number)
  return ((hours << 24) | (minutes << 16) | (seconds << 8) | frames | (match[4] === ";" ? 0x80 : 0)) >>> 0
}

export function timecodeOf({ columns }: FrameColumns, row: number): string | null {
  const bits = columns.timecodes[row] ?? NO_TIMECODE
  if (bits === NO_TIMECODE) return null
  const two = (number: number): string => String(number).padStart(2, "0")
  const [hours, minutes, seconds] = [bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff].map(two)
  return `${hours}:${minutes}:${seconds}${(bits & 0x80) === 0 ? ":" : ";"}${two(bits & 0x7f)}`
}

/** Text of the XXH3-128 of a row's source; null where nobody knows it. */
export function hashOf({ columns }: FrameColumns, row: number): string | null {
  const halves = [...columns.hashes.subarray(row * 2, row * 2 + 2)]
  return halves.every((half) => half === 0n) ? null : halves.map((half) => half.toString(16).padStart(16, "0")).join("")
}

export const frameOf = ({ columns }: FrameColumns, row: number): number => columns.frames[row] ?? 0
export const isMade = ({ columns }: FrameColumns, row: number): boolean => ((columns.flags[row] ?? 0) & FAILED) === 0
export const isBlack = ({ columns }: FrameColumns, row: number): boolean => ((columns.flags[row] ?? 0) & BLACK) !== 0
export const nonFiniteOf = ({ columns }: FrameColumns, row: number): number => Math.max(0, columns.nonFinite[row] ?? 0)
export const traitOf = ({ columns }: FrameColumns, row: number, trait: number): number =>
  columns.traits[row * TRAITS.length + trait] ?? UNKNOWN

export const isNearlyBlack = ({ columns }: FrameColumns, row: number): boolean =>
  ((columns.flags[row] ?? 0) & NEARLY_BLACK) !== 0

const areEqual = (hashes: BigUint64Array, row: number, other: number): boolean =>
  [0, 1].every((half) => hashes[row * 2 + half] === hashes[other * 2 + half]) &&
  [0, 1].some((half) => hashes[row * 2 + half] !== 0n)

export const hasSameBytes = ({ columns }: FrameColumns, row: number, other: number): boolean =>
  areEqual(columns.hashes, row, other)

export const looksTheSame = ({ columns }: FrameColumns, row: number, other: number): boolean =>
  areEqual(columns.looks, row, other)

export const failureOf = ({ columns, values }: FrameColumns, row: number): string =>
  values.texts[columns.failures[row] ?? 0] ?? ""

/** Rows in the order of their frames; of two files of one frame the one that is shown comes last. */
export function rowsInOrder(all: FrameColumns): Uint32Array {
  const { frames, recordedAtMs, paddings } = all.columns
  const by = [frames, { at: (row: number) => Number(isMade(all, row)) }, recordedAtMs, paddings]
  const differ = (a: number, b: number): number => {
    for (const column of by) {
      const difference = (column.at(a) ?? 0) - (column.at(b) ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
  return Uint32Array.from({ length: all.count }, (_, row) => row).sort(differ)
}
