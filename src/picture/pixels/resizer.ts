import type { SampleRow } from "../samples/index.ts"
import type { Taps } from "./taps.ts"
import { rowResizer, weighRows } from "./weighted-sums.ts"

/** All of red, then green, then blue of one row. It belongs to who gives it: valid until the receiver returns. */
export type PlanarRow = Float32Array<ArrayBuffer>

type ResizerParts = {
  readonly columns: Taps
  readonly rows: Taps
  /** Told of each output row, from the top down, once all that has a part in it is there. */
  readonly emit: (row: PlanarRow, index: number) => void
}

/** Resizes a picture that comes row by row; holds as many rows as one output row is made of. */
type Resizer = {
  /** Rows rows.first to rows.last, each once, in this order. True where a sample was not finite. */
  push(row: SampleRow, index: number): boolean
  /** Emits what the last row left, or, without any row, a black picture. */
  end(): void
}

type ResizedRow = { readonly samples: PlanarRow; readonly missing: PlanarRow; isWhole: boolean }

export function createResizer({ columns, rows, emit }: ResizerParts): Resizer {
  const width = columns.starts.length * 3
  const resizeRow = rowResizer(columns.count)
  const ring = Array.from({ length: rows.count }, (): ResizedRow => newLine(width))
  const outputs = [new Float32Array(width), new Float32Array(width)] as const
  let next = 0

  const make = (output: number): void => {
    const [row, above] = output % 2 === 0 ? outputs : ([outputs[1], outputs[0]] as const)
    const lines = linesOf(ring, rows.starts[output] ?? 0)
    const from = output * rows.count
    weighRows(row, samplesOf(lines), rows.weights, from)
    if (lines.some(({ isWhole }) => !isWhole)) {
      const missing = newLine(width).missing
      weighRows(missing, lines.map(missingOf), rows.weights, from)
      repair(row, missing, output === 0 ? new Float32Array(0) : above)
    }
    emit(row, output)
  }

  return {
    push(row, index) {
      const line = ring[index % ring.length] as ResizedRow
      const sum = resizeRow(row, line.samples, columns)
      const isWhole = Number.isFinite(sum)
      if (!isWhole) resizeCarefully(row, line.samples, line.missing, columns)
      line.isWhole = isWhole
      while (next < rows.starts.length && (rows.starts[next] ?? 0) + rows.count - 1 <= index) make(next++)
      return !isWhole
    },
    end() {
      while (next < rows.starts.length) make(next++)
    },
  }
}

const newLine = (width: number): ResizedRow => ({
  samples: new Float32Array(width),
  missing: new Float32Array(width),
  isWhole: true,
})

const linesOf = (ring: readonly ResizedRow[], start: number): readonly ResizedRow[] =>
  ring.map((_, tap) => ring[(start + tap) % ring.length] as ResizedRow)

const samplesOf = (lines: readonly ResizedRow[]): readonly Float32Array[] => lines.map(({ samples }) => samples)

const missingOf = ({ missing, isWhole }: ResizedRow): Float32Array => (isWhole ? missing.fill(0) : missing)

/** Where no more weight is left, roundings would show if it were made whole again. */
const TOO_LITTLE = 1e-3

/**
 * The careful way to resize a row, for rows that hold NaN or infinities: these weigh nothing. `missing` receives the
 * weight that each output sample lost by them.
 */
function resizeCarefully(row: SampleRow, target: Float32Array, missing: Float32Array, taps: Taps): void {
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
 * Gives a row of sums its full weight back. Where nearly all of it is missing, the neighbours that are known stand in (above,
 * left and right), so that a hole of any size is filled from its border and throws no shadow.
 */
function repair(row: Float32Array, missing: Float32Array, above: Float32Array): void {
  const width = row.length / 3
  for (let at = 0; at < row.length; at++) {
    const left = 1 - (missing[at] ?? 0)
    if (left > TOO_LITTLE) row[at] = (row[at] ?? 0) / left
  }
  for (let at = 0; at < row.length; at++) {
    if (1 - (missing[at] ?? 0) <= TOO_LITTLE) row[at] = standIn(row, missing, { above, at, x: at % width, width })
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
  if (x < width - 1 && 1 - (missing[at + 1] ?? 0) > TOO_LITTLE) known.push(row[at + 1] ?? 0)
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length
}
