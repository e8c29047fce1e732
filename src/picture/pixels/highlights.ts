import { type BitsTable, bitsTable } from "./bits-table.ts"
import type { PlanarRow } from "./resizer.ts"

/** OpenImageIO's rangecompress and rangeexpand (imagebufalgo_pixelmath.cpp): a logarithm above 0.18, mirrored below 0. */
const [LINEAR_MAX, A, B, C] = [0.18, -0.545768857, 0.183516696, 284.357788]

const compressed = (light: number): number => (light <= LINEAR_MAX ? light : A + B * Math.log(C * light + 1))

/** Takes highlights down before a picture is shrunk, so that one bright pixel does not outshine all around it. */
export function compressRow(row: PlanarRow, target: PlanarRow): void {
  const { base, slope } = compressTable()
  const from = new Int32Array(row.buffer)
  for (let x = 0; x < target.length; x++) {
    const bits = from[x] as number
    const size = bits & 0x7fffffff
    if (size <= LINEAR_MAX_BITS) target[x] = row[x] as number
    else {
      const cell = size >> 16
      const value = (base[cell] as number) + (slope[cell] as number) * (size & 0xffff)
      target[x] = bits < 0 ? -value : value
    }
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

/** The bits of 0.18. */
const LINEAR_MAX_BITS = 0x3e3851ec

let table: BitsTable | null = null

function compressTable(): BitsTable {
  table ??= bitsTable(compressed)
  return table
}
