import type { OfNumber } from "./curve.ts"

/**
 * A function of single-precision numbers from 0 on, as straight lines between the numbers whose lower 16 bits are 0: 128
 * of them from one power of two to the next. A power or a logarithm is off by less than 2e-6 of its value. The line of
 * `bits` is base[bits >> 16] + slope[bits >> 16] * (bits & 0xffff).
 */
export type BitsTable = { readonly base: Float64Array; readonly slope: Float64Array }

/** Cells up to the largest finite number; infinity and NaN, the rest of 15 bits, have what the last cell ends with. */
const FINITE_CELLS = 0x7f80
const CELLS = 0x8000

export function bitsTable(of: OfNumber): BitsTable {
  const base = new Float64Array(CELLS)
  const slope = new Float64Array(CELLS)
  const bits = new Uint32Array(1)
  const number = new Float32Array(bits.buffer)
  const at = (cell: number): number => {
    bits[0] = cell === FINITE_CELLS ? 0x7f7fffff : cell * 0x10000
    return of(number[0] as number)
  }
  for (let cell = 0; cell < FINITE_CELLS; cell++) {
    base[cell] = at(cell)
    slope[cell] = (at(cell + 1) - at(cell)) / 0x10000
  }
  return { base: base.fill(at(FINITE_CELLS), FINITE_CELLS), slope }
}

/** The bits of 1. */
export const ONE = 0x3f800000
