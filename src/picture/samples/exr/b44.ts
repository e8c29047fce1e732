import { FLAT_BYTES, readBlock } from "./b44-block.ts"
import { fromPerceptual } from "./b44-linear.ts"
import { channelRows } from "./channel-rows.ts"
import type { ChunkChannel, ChunkLayout, Decompress } from "./chunk-layout.ts"

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
