/** Bytes of a block of 4x4 halves, and of one whose halves are all the same. */
const BLOCK_BYTES = 14
export const FLAT_BYTES = 3

/** The third byte of a block of one value is at least this: a shift that no other block has. */
const FLAT_FROM = 13 << 2

/**
 * Reads a block of 4x4 halves, row after row, into `block`: one value in 16 bits, a shift in 6, and 15 differences in 6
 * bits each, or one value for all. Its length; 0 where the chunk ends before. The values lie in the order of the numbers
 * they stand for, so negative ones have all their bits inverted.
 */
export function readBlock(chunk: Uint8Array, at: number, block: Uint16Array): number {
  if (at + FLAT_BYTES > chunk.length) return 0
  const first = ((chunk[at] as number) << 8) | (chunk[at + 1] as number)
  if ((chunk[at + 2] as number) >= FLAT_FROM) {
    block.fill(halfOf(first))
    return FLAT_BYTES
  }
  if (at + BLOCK_BYTES > chunk.length) return 0
  block[0] = first
  addDifferences(chunk, at, block)
  for (let index = 0; index < 16; index++) block[index] = halfOf(block[index] as number)
  return BLOCK_BYTES
}

/** Differences go down the first column, then from each column to the next: of each column four, the first has only three. */
function addDifferences(chunk: Uint8Array, at: number, block: Uint16Array): void {
  const shift = (chunk[at + 2] as number) >>> 2
  for (let column = 0; column < 4; column++) {
    const from = at + 2 + column * 3
    const [a, b, c] = [chunk[from] as number, chunk[from + 1] as number, chunk[from + 2] as number]
    const isFirst = column === 0
    if (!isFirst) block[column] = (block[column - 1] as number) + step(a >>> 2, shift)
    block[column + 4] = (block[isFirst ? 0 : column + 3] as number) + step((a << 4) | (b >>> 4), shift)
    block[column + 8] = (block[isFirst ? 4 : column + 7] as number) + step((b << 2) | (c >>> 6), shift)
    block[column + 12] = (block[isFirst ? 8 : column + 11] as number) + step(c, shift)
  }
}

/** A difference by its lowest six bits. */
const step = (six: number, shift: number): number => ((six & 63) - 32) << shift

const halfOf = (ordered: number): number => ((ordered & 0x8000) !== 0 ? ordered & 0x7fff : ~ordered & 0xffff)
