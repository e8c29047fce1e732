import { type BitsTable, cellOf, keptTable } from "./bits-table.ts"
import type { PlanarRow } from "./resizer.ts"

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
export const shaped =
  ({ edge, shaper: { knee, max } }: Omit<Lut, "values">) =>
  (light: number): number =>
    (Math.log2(Math.min(max, Math.max(0, light)) / knee + 1) / Math.log2(max / knee + 1)) * (edge - 1)

/** Light at a point of the lattice: the inverse. */
export const latticeLight = ({ edge, shaper: { knee, max } }: Omit<Lut, "values">, point: number): number =>
  knee * (2 ** ((point / (edge - 1)) * Math.log2(max / knee + 1)) - 1)

const lineAt = (table: BitsTable, cell: number, rest: number): number =>
  (table[cell] as number) + (table[cell + 1] as number) * rest

/** Turns a row of light into code values 0..1. */
export type DrawRow = (light: PlanarRow, shown: PlanarRow) => void

/** Tetrahedral interpolation: six tetrahedra around the cell's diagonal, so that neutral stays neutral. */
export function lutRow(lut: Lut): DrawRow {
  const { edge, values } = lut
  const table = keptTable(`lut ${edge} ${lut.shaper.knee} ${lut.shaper.max}`, () => shaped(lut))
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
