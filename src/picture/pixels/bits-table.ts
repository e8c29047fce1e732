import type { OfNumber } from "./curve.ts"

/**
 * A function of single-precision numbers from 0 on, as straight lines between the numbers whose lower 16 bits are 0: 128
 * of them from one power of two to the next. A power or a logarithm is off by less than 2e-6 of its value. The line of
 * `bits` starts at table[cell] and rises by table[cell + 1] for each of the lower 16 bits, where cell is cellOf(bits).
 */
export type BitsTable = Float64Array<ArrayBuffer>

export const cellOf = (bits: number): number => (bits >> 16) << 1

/** Cells up to the largest finite number; infinity and NaN, the rest of 15 bits, have what the last cell ends with. */
const FINITE_CELLS = 0x7f80
const CELLS = 0x8000

export function bitsTable(of: OfNumber): BitsTable {
  const table = new Float64Array(2 * CELLS)
  const bits = new Uint32Array(1)
  const number = new Float32Array(bits.buffer)
  const at = (cell: number): number => {
    bits[0] = cell === FINITE_CELLS ? 0x7f7fffff : cell * 0x10000
    return of(number[0] as number)
  }
  let start = at(0)
  for (let cell = 0; cell < CELLS; cell++) {
    const end = cell < FINITE_CELLS ? at(cell + 1) : start
    table[2 * cell] = start
    table[2 * cell + 1] = (end - start) / 0x10000
    start = end
  }
  return table
}

const cache = new Map<string, BitsTable>()

/** The table of a function that `key` names, made once: a thread needs the same few for every picture. */
export function cachedTable(key: string, make: () => OfNumber): BitsTable {
  const table = cache.get(key) ?? bitsTable(make())
  cache.set(key, table)
  return table
}

/** The bits of 1. */
export const ONE = 0x3f800000
