import { cellOf, keptTable } from "./bits-table.ts"
import type { PlanarRow } from "./resizer.ts"

/** OpenImageIO's rangecompress and rangeexpand (imagebufalgo_pixelmath.cpp): a logarithm above 0.18, mirrored below 0. */
const [LINEAR_MAX, A, B, C] = [0.18, -0.545768857, 0.183516696, 284.357788]

const compressed = (light: number): number => (light <= LINEAR_MAX ? light : A + B * Math.log(C * light + 1))

/** Takes highlights down before a picture is shrunk, so that one bright pixel does not outshine all around it. */
export function compressRow(row: PlanarRow, target: PlanarRow): void {
  const table = keptTable("highlights", () => compressed)
  const bits = new Int32Array(row.buffer)
  for (let x = 0; x < target.length; x++) {
    const one = bits[x] as number
    const cell = cellOf(one & 0x7fffffff)
    const value = (table[cell] as number) + (table[cell + 1] as number) * (one & 0xffff)
    target[x] = one < 0 ? -value : value
  }
}

/** Brings them back, in place. */
export function expandRow(row: PlanarRow): void {
  for (let x = 0; x < row.length; x++) {
    const value = row[x] as number
    const size = Math.abs(value)
    if (size > LINEAR_MAX) row[x] = Math.sign(value) * ((Math.exp((size - A) / B) - 1) / C)
  }
}
