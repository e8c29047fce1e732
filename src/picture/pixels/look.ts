import { type BitsTable, cachedTable, cellOf, ONE } from "./bits-table.ts"
import { type Curve, encoder } from "./curve.ts"
import type { PlanarRow } from "./resizer.ts"

/**
 * How working light becomes code values between 0 and 1. `matrix` leads from the working light to what the curve or the
 * table takes, row by row; empty where that is the same.
 */
export type Look =
  | { readonly kind: "curve"; readonly matrix: readonly number[]; readonly curve: Curve }
  | { readonly kind: "lut"; readonly matrix: readonly number[]; readonly lut: Lut }

/** Code values 0..1 of a row of working light, which stays as it is; valid until the next call. */
type ShowRow = (light: PlanarRow) => PlanarRow

/** Negatives and what lies outside the gamut go through the matrix as they are and are cut off after it, not before. */
export function rowShower(look: Look, width: number): ShowRow {
  const shown = new Float32Array(width * 3)
  const multiplied = look.matrix.length === 0 ? null : new Float32Array(width * 3)
  const draw = look.kind === "curve" ? curveRow(lookTable(look)) : lutRow(look.lut, lookTable(look))
  return (light) => {
    if (multiplied !== null) matrixRow(look.matrix, light, multiplied)
    draw(multiplied ?? light, shown)
    return shown
  }
}

/** The curve of a look, or the shaper of its lattice. */
export function lookTable(look: Look): BitsTable {
  if (look.kind === "curve") return cachedTable(JSON.stringify(look.curve), () => encoder(look.curve))
  const { edge, shaper } = look.lut
  return cachedTable(`lut ${edge} ${shaper.knee} ${shaper.max}`, () => shaped(look.lut))
}

function curveRow(table: BitsTable): DrawRow {
  return (light, shown) => {
    const bits = new Int32Array(light.buffer)
    for (let x = 0; x < shown.length; x++) {
      const one = bits[x] as number
      if (one <= 0) shown[x] = 0
      else if (one >= ONE) shown[x] = 1
      else {
        const cell = cellOf(one)
        shown[x] = (table[cell] as number) + (table[cell + 1] as number) * (one & 0xffff)
      }
    }
  }
}

/**
 * A look baked into a lattice: `edge` points a side, evenly spread over the shaper's scale; `values` holds red, green and
 * blue of each point, red varying fastest.
 */
export type Lut = {
  readonly edge: number
  readonly shaper: Shaper
  readonly values: Float32Array<ArrayBuffer>
}

/** Scale of the lattice: log2(light / knee + 1), from 0 to what `max` has. */
export type Shaper = { readonly knee: number; readonly max: number }

/** Position on the lattice, 0 to edge - 1; what lies outside is moved to its border. */
const shaped =
  ({ edge, shaper: { knee, max } }: Omit<Lut, "values">) =>
  (light: number): number =>
    (Math.log2(Math.min(max, Math.max(0, light)) / knee + 1) / Math.log2(max / knee + 1)) * (edge - 1)

/** Light at a point of the lattice: the inverse. */
export const latticeLight = ({ edge, shaper: { knee, max } }: Omit<Lut, "values">, point: number): number =>
  knee * (2 ** ((point / (edge - 1)) * Math.log2(max / knee + 1)) - 1)

const lineAt = (table: BitsTable, cell: number, rest: number): number =>
  (table[cell] as number) + (table[cell + 1] as number) * rest

/** Turns a row of light into code values 0..1. */
type DrawRow = (light: PlanarRow, shown: PlanarRow) => void

/** Tetrahedral interpolation: six tetrahedra around the cell's diagonal, so that neutral stays neutral. */
function lutRow({ edge, values }: Lut, table: BitsTable): DrawRow {
  const top = edge - 1
  const downGreen = 3 * edge
  const downBlue = 3 * edge * edge
  const lookUp = (bits: number): number => (bits <= 0 ? 0 : Math.min(top, lineAt(table, cellOf(bits), bits & 0xffff)))
  return (light, shown) => {
    const bits = new Int32Array(light.buffer)
    const width = shown.length / 3
    for (let x = 0; x < width; x++) {
      const r = lookUp(bits[x] as number)
      const g = lookUp(bits[width + x] as number)
      const b = lookUp(bits[2 * width + x] as number)
      const i = Math.min(top - 1, r | 0)
      const j = Math.min(top - 1, g | 0)
      const k = Math.min(top - 1, b | 0)
      const u = r - i
      const v = g - j
      const w = b - k
      const origin = i * 3 + j * downGreen + k * downBlue
      // The corners on the way from the cell's origin to its far end, in the order of the fractions.
      const largest = Math.max(u, v, w)
      const smallest = Math.min(u, v, w)
      const middle = u + v + w - largest - smallest
      const first = largest === u ? 3 : largest === v ? downGreen : downBlue
      const last = smallest === w ? downBlue : smallest === v ? downGreen : 3
      const near = origin + first
      const far = origin + 3 + downGreen + downBlue
      const next = far - last
      for (let channel = 0; channel < 3; channel++) {
        const value =
          (values[origin + channel] as number) * (1 - largest) +
          (values[near + channel] as number) * (largest - middle) +
          (values[next + channel] as number) * (middle - smallest) +
          (values[far + channel] as number) * smallest
        shown[channel * width + x] = value > 0 ? Math.min(1, value) : 0
      }
    }
  }
}

/** Each pixel of `row` times a 3x3 matrix, row by row, into `target`. */
export function matrixRow(matrix: readonly number[], row: PlanarRow, target: PlanarRow): void {
  const [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0, g = 0, h = 0, i = 1] = matrix
  const width = row.length / 3
  const last = 2 * width
  for (let x = 0; x < width; x++) {
    const red = row[x] as number
    const green = row[width + x] as number
    const blue = row[last + x] as number
    target[x] = a * red + b * green + c * blue
    target[width + x] = d * red + e * green + f * blue
    target[last + x] = g * red + h * green + i * blue
  }
}
