import type { SampleRow } from "../samples/index.ts"
import type { Taps } from "./taps.ts"

/**
 * Resizes one row: `target` receives all of red, then green, then blue. Returns the sum of what it wrote, which is not
 * finite where a sample with a part in it is not. The usual counts of taps are written out: twice as fast as a loop.
 */
type ResizeRow = (row: SampleRow, target: Float32Array, taps: Taps) => number

export function rowResizer(count: number): ResizeRow {
  return WRITTEN_OUT.get(count) ?? byMany
}

const byOne: ResizeRow = ([red, green, blue], target, { starts, weights }) => {
  const size = starts.length
  let sum = 0
  for (let x = 0; x < size; x++) {
    const at = starts[x] as number
    const w = weights[x] as number
    const r = (red[at] as number) * w
    const g = (green[at] as number) * w
    const b = (blue[at] as number) * w
    target[x] = r
    target[size + x] = g
    target[2 * size + x] = b
    sum += r + g + b
  }
  return sum
}

const byTwo: ResizeRow = ([red, green, blue], target, { starts, weights }) => {
  const size = starts.length
  let sum = 0
  for (let x = 0, k = 0; x < size; x++, k += 2) {
    const at = starts[x] as number
    const u = weights[k] as number
    const v = weights[k + 1] as number
    const r = two(red, at, u, v)
    const g = two(green, at, u, v)
    const b = two(blue, at, u, v)
    target[x] = r
    target[size + x] = g
    target[2 * size + x] = b
    sum += r + g + b
  }
  return sum
}

const byFour: ResizeRow = ([red, green, blue], target, { starts, weights }) => {
  const size = starts.length
  let sum = 0
  for (let x = 0, k = 0; x < size; x++, k += 4) {
    const at = starts[x] as number
    const s = weights[k] as number
    const t = weights[k + 1] as number
    const u = weights[k + 2] as number
    const v = weights[k + 3] as number
    const r = two(red, at, s, t) + two(red, at + 2, u, v)
    const g = two(green, at, s, t) + two(green, at + 2, u, v)
    const b = two(blue, at, s, t) + two(blue, at + 2, u, v)
    target[x] = r
    target[size + x] = g
    target[2 * size + x] = b
    sum += r + g + b
  }
  return sum
}

const byFive: ResizeRow = ([red, green, blue], target, { starts, weights }) => {
  const size = starts.length
  let sum = 0
  for (let x = 0, k = 0; x < size; x++, k += 5) {
    const at = starts[x] as number
    const last = at + 4
    const s = weights[k] as number
    const t = weights[k + 1] as number
    const u = weights[k + 2] as number
    const v = weights[k + 3] as number
    const w = weights[k + 4] as number
    const r = two(red, at, s, t) + two(red, at + 2, u, v) + (red[last] as number) * w
    const g = two(green, at, s, t) + two(green, at + 2, u, v) + (green[last] as number) * w
    const b = two(blue, at, s, t) + two(blue, at + 2, u, v) + (blue[last] as number) * w
    target[x] = r
    target[size + x] = g
    target[2 * size + x] = b
    sum += r + g + b
  }
  return sum
}

/** Any count from two on, two taps at a time. */
const byMany: ResizeRow = ([red, green, blue], target, { count, starts, weights }) => {
  const size = starts.length
  const odd = count % 2
  let sum = 0
  for (let x = 0, k = 0; x < size; x++) {
    const from = starts[x] as number
    const w = odd === 0 ? 0 : (weights[k] as number)
    let r = (red[from] as number) * w
    let g = (green[from] as number) * w
    let b = (blue[from] as number) * w
    k += odd
    for (let at = from + odd; at < from + count; at += 2, k += 2) {
      const u = weights[k] as number
      const v = weights[k + 1] as number
      r += two(red, at, u, v)
      g += two(green, at, u, v)
      b += two(blue, at, u, v)
    }
    target[x] = r
    target[size + x] = g
    target[2 * size + x] = b
    sum += r + g + b
  }
  return sum
}

const two = (plane: Float32Array, at: number, u: number, v: number): number =>
  (plane[at] as number) * u + (plane[at + 1] as number) * v

const WRITTEN_OUT: ReadonlyMap<number, ResizeRow> = new Map([
  [1, byOne],
  [2, byTwo],
  [4, byFour],
  [5, byFive],
])

/**
 * Adds up rows by their weights: target = sum of rows[k] * weights[from + k], `rows.length` of them. Up to five at once,
 * so that a row of output is written as seldom as possible.
 */
export function weighRows(
  target: Float32Array,
  rows: readonly Float32Array[],
  weights: Float32Array,
  from: number,
): void {
  const head = rows.length <= 5 ? rows.length : rows.length % 4 || 4
  weighFirst(target, rows.slice(0, head), weights.subarray(from, from + head))
  for (let k = head; k < rows.length; k += 4) {
    addFourRows(target, rows.slice(k, k + 4), weights.subarray(from + k, from + k + 4))
  }
}

function weighFirst(target: Float32Array, rows: readonly Float32Array[], weights: Float32Array): void {
  if (rows.length === 1) oneRow(target, rows, weights)
  else if (rows.length === 2) twoRows(target, rows, weights)
  else if (rows.length === 3) threeRows(target, rows, weights)
  else if (rows.length === 4) fourRows(target, rows, weights)
  else fiveRows(target, rows, weights)
}

type Weigh = (target: Float32Array, rows: readonly Float32Array[], weights: Float32Array) => void

const oneRow: Weigh = (target, rows, [p = 0]) => {
  const [a = target] = rows
  for (let x = 0; x < target.length; x++) target[x] = (a[x] as number) * p
}

const twoRows: Weigh = (target, rows, [p = 0, q = 0]) => {
  const [a = target, b = target] = rows
  for (let x = 0; x < target.length; x++) target[x] = (a[x] as number) * p + (b[x] as number) * q
}

const threeRows: Weigh = (target, rows, [p = 0, q = 0, r = 0]) => {
  const [a = target, b = target, c = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] = (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r
  }
}

const fourRows: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0]) => {
  const [a = target, b = target, c = target, d = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] = (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s
  }
}

const fiveRows: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0, t = 0]) => {
  const [a = target, b = target, c = target, d = target, e = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] =
      (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s + (e[x] as number) * t
  }
}

const addFourRows: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0]) => {
  const [a = target, b = target, c = target, d = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] =
      (target[x] as number) + (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s
  }
}
