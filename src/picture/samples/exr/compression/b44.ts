import { type ChunkChannel, type ChunkLayout, channelRows, type Decompress } from "../chunks/layout.ts"
import { HALF_TO_FLOAT } from "./half.ts"

/** Samples of one channel on their way out of the chunk. */
type Pixels = {
  readonly chunk: Uint8Array
  /** Memory of the whole chunk, unpacked. */
  readonly words: Uint16Array
  /** The first word of each row of the channel. */
  readonly rowStarts: Int32Array
}

/** The byte where a channel ends in its chunk; -1 where the chunk ends before. */
type UnpackChannel = (pixels: Pixels, channel: ChunkChannel, from: number) => number

/**
 * B44 and B44A: one channel after the other, halves in blocks of 4x4, other samples as they are (format: OpenEXR's
 * ImfB44Compressor). Blocks at the right and lower edge hold more than the channel has.
 */
export function openB44(): Decompress {
  let kept = new Uint16Array(0)
  const unpackHalves = openHalves()
  return (chunk, layout) => {
    if (leastBytes(layout) > chunk.length) return null
    const size = layout.sizeBytes / 2
    if (kept.length < size) kept = new Uint16Array(size)
    const rows = channelRows(layout)
    let at = 0
    for (const [index, channel] of layout.channels.entries()) {
      const unpack = channel.pixelType === "half" ? unpackHalves : copySamples
      at = unpack({ chunk, words: kept, rowStarts: rows[index] as Int32Array }, channel, at)
      if (at < 0) return null
    }
    return at === chunk.length ? new Uint8Array(kept.buffer, 0, layout.sizeBytes) : null
  }
}

/** A chunk with fewer bytes is not worth memory. */
const leastBytes = ({ channels }: ChunkLayout): number =>
  channels.reduce((sum, { pixelType, sampleBytes, columns, rows }) => {
    const isHalf = pixelType === "half"
    return sum + (isHalf ? Math.ceil(columns / 4) * Math.ceil(rows / 4) * FLAT_BYTES : columns * rows * sampleBytes)
  }, 0)

function openHalves(): UnpackChannel {
  const block = new Uint16Array(16)
  return ({ chunk, words, rowStarts }, { columns, rows, perceptuallyLinear }, from) => {
    const table = perceptuallyLinear ? fromPerceptual() : null
    let at = from
    for (let top = 0; top < rows; top += 4) {
      for (let left = 0; left < columns; left += 4) {
        const lengthBytes = readBlock(chunk, at, block)
        if (lengthBytes === 0) return -1
        at += lengthBytes
        if (table !== null) for (let n = 0; n < 16; n++) block[n] = table[block[n] as number] as number
        const width = Math.min(4, columns - left)
        for (let row = 0; row < 4 && top + row < rows; row++) {
          const to = (rowStarts[top + row] as number) + left
          for (let column = 0; column < width; column++) words[to + column] = block[row * 4 + column] as number
        }
      }
    }
    return at
  }
}

const copySamples: UnpackChannel = ({ chunk, words, rowStarts }, { columns, rows, sampleBytes }, from) => {
  const bytes = new Uint8Array(words.buffer)
  const rowBytes = columns * sampleBytes
  if (from + rows * rowBytes > chunk.length) return -1
  for (let row = 0; row < rows; row++) {
    const start = from + row * rowBytes
    bytes.set(chunk.subarray(start, start + rowBytes), (rowStarts[row] as number) * 2)
  }
  return from + rows * rowBytes
}

/** Bytes of a block of 4x4 halves, and of one whose halves are all the same. */
const BLOCK_BYTES = 14
const FLAT_BYTES = 3

/** The third byte of a block of one value is at least this: a shift that no other block has. */
const FLAT_FROM = 13 << 2

/**
 * Reads a block of 4x4 halves, row after row, into `block`: one value in 16 bits, a shift in 6, and 15 differences in 6
 * bits each, or one value for all. Its length; 0 where the chunk ends before. The values lie in the order of the numbers
 * they stand for, so negative ones have all their bits inverted.
 */
function readBlock(chunk: Uint8Array, at: number, block: Uint16Array): number {
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

const INFINITE = 0x7c00
const MINUS_ZERO = 0x8000

let linearised: Uint16Array | null = null

/**
 * What B44 makes of a half of a perceptually linear channel, by its 16 bits: eight times its logarithm. What has none
 * (negative, infinite, NaN) is 0. In single precision, as OpenEXR computes it.
 */
function fromPerceptual(): Uint16Array {
  if (linearised !== null) return linearised
  const halves = new Float16Array(0x10000)
  for (let bits = 0; bits <= MINUS_ZERO; bits++)
    if ((bits & INFINITE) !== INFINITE) halves[bits] = 8 * Math.fround(Math.log(HALF_TO_FLOAT[bits] as number))
  linearised = new Uint16Array(halves.buffer)
  return linearised
}
