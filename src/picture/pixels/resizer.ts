import type { SampleRow } from "../samples/index.ts"
import { rowResizer } from "./horizontal.ts"
import { repair, resizeCarefully } from "./non-finite.ts"
import type { Taps } from "./taps.ts"
import { weighRows } from "./vertical.ts"

/** All of red, then green, then blue of one row. It belongs to who gives it: valid until the receiver returns. */
export type PlanarRow = Float32Array<ArrayBuffer>

export type ResizerParts = {
  readonly columns: Taps
  readonly rows: Taps
  /** Told of each output row, from the top down, once all that has a part in it is there. */
  readonly emit: (row: PlanarRow, index: number) => void
}

/** Resizes a picture that comes row by row; holds as many rows as one output row is made of. */
export type Resizer = {
  /** Rows rows.first to rows.last, each once, in this order. True where a sample was not finite. */
  push(row: SampleRow, index: number): boolean
  /** Emits what the last row left, or, without any row, a black picture. */
  end(): void
}

type Line = { readonly samples: PlanarRow; readonly missing: PlanarRow; isWhole: boolean }

export function createResizer({ columns, rows, emit }: ResizerParts): Resizer {
  const width = columns.starts.length * 3
  const resizeRow = rowResizer(columns.count)
  const ring = Array.from({ length: rows.count }, (): Line => newLine(width))
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
      const line = ring[index % ring.length] as Line
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

const newLine = (width: number): Line => ({
  samples: new Float32Array(width),
  missing: new Float32Array(width),
  isWhole: true,
})

const linesOf = (ring: readonly Line[], start: number): readonly Line[] =>
  ring.map((_, tap) => ring[(start + tap) % ring.length] as Line)

const samplesOf = (lines: readonly Line[]): readonly Float32Array[] => lines.map(({ samples }) => samples)

const missingOf = ({ missing, isWhole }: Line): Float32Array => (isWhole ? missing.fill(0) : missing)
