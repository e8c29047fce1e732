import type { SampleRow } from "../samples/index.ts"
import type { Taps } from "./taps.ts"

/** Weight of which nothing is left but rounding. */
const NOTHING_LEFT = 1e-6

/**
 * The careful way to resize a row, for rows that hold NaN or infinities: these weigh nothing. `missing` receives the
 * weight that each output sample lost by them.
 */
export function resizeCarefully(row: SampleRow, target: Float32Array, missing: Float32Array, taps: Taps): void {
  const { count, starts, weights } = taps
  row.forEach((plane, channel) => {
    for (let x = 0; x < starts.length; x++) {
      let [sum, lost] = [0, 0]
      for (let tap = 0; tap < count; tap++) {
        const value = plane[(starts[x] ?? 0) + tap] ?? 0
        const weight = weights[x * count + tap] ?? 0
        if (Number.isFinite(value)) sum += value * weight
        else lost += weight
      }
      target[channel * starts.length + x] = sum
      missing[channel * starts.length + x] = lost
    }
  })
}

/** Non-finite samples of the given columns, both inclusive. */
export function countNonFinite(plane: Float32Array, first: number, last: number): number {
  let count = 0
  for (let x = first; x <= last; x++) if (!Number.isFinite(plane[x])) count++
  return count
}

/**
 * Gives a row of sums its full weight back. Where all of it is missing, the neighbours that are known stand in (above,
 * left and right), so that a hole of any size is filled from its border and throws no shadow.
 */
export function repair(row: Float32Array, missing: Float32Array, above: Float32Array): void {
  const width = row.length / 3
  for (let at = 0; at < row.length; at++) {
    const left = 1 - (missing[at] ?? 0)
    if (left > NOTHING_LEFT) row[at] = (row[at] ?? 0) / left
  }
  for (let at = 0; at < row.length; at++) {
    if (1 - (missing[at] ?? 0) <= NOTHING_LEFT) row[at] = standIn(row, missing, { above, at, x: at % width, width })
  }
}

type Hole = { readonly above: Float32Array; readonly at: number; readonly x: number; readonly width: number }

/** Samples to the left are repaired already. */
function standIn(row: Float32Array, missing: Float32Array, { above, at, x, width }: Hole): number {
  const known: number[] = []
  if (above.length > 0) {
    for (let near = Math.max(0, x - 1); near <= Math.min(width - 1, x + 1); near++) {
      known.push(above[at - x + near] ?? 0)
    }
  }
  if (x > 0) known.push(row[at - 1] ?? 0)
  if (x < width - 1 && 1 - (missing[at + 1] ?? 0) > NOTHING_LEFT) known.push(row[at + 1] ?? 0)
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length
}
