/** Where an EXR's chunks lie, what each holds, and reading them packed. */

import type { Box, Channel } from "../../../../events/records.generated.ts"
import { boxHeight, boxWidth } from "../../../read/header/model.ts"

/** Bytes of one sample of each pixel type that EXR has. */
const SAMPLE_BYTES: Readonly<Record<string, 2 | 4>> = { half: 2, float: 4, uint: 4 }

/** One channel of the part, as far as it lies in a chunk. */
export type ChunkChannel = {
  readonly name: string
  /** half, float or uint. */
  readonly pixelType: string
  readonly sampleBytes: 2 | 4
  readonly xSampling: number
  readonly ySampling: number
  /** pLinear of the header: lossy compressions take such samples as they are, all others by a curve like the eye's. */
  readonly perceptuallyLinear: boolean
  /** Samples in each of its rows. */
  readonly columns: number
  /** Rows of the chunk in which it has samples: those whose y is a multiple of ySampling. */
  readonly rows: number
}

/**
 * What a chunk (scan lines or a tile) holds once it is unpacked: row after row, in each row one channel after the other
 * in file order, little-endian. A channel is left out of rows whose y is no multiple of its ySampling.
 */
export type ChunkLayout = {
  /** Bytes of the chunk, unpacked. */
  readonly sizeBytes: number
  /** y of the first row and x of the first column, as the data window counts them. */
  readonly firstY: number
  readonly firstX: number
  readonly rows: number
  readonly columns: number
  /** All channels of the part, in file order. */
  readonly channels: readonly ChunkChannel[]
}

/**
 * Unpacks one chunk into exactly `layout.sizeBytes` bytes; null where it is damaged. Never reads or writes outside.
 * The chunk is never one that was stored raw (as long as unpacked): those do not come here. The bytes returned belong to
 * the decompressor and are valid until its next call.
 */
export type Decompress = (chunk: Uint8Array, layout: ChunkLayout) => Uint8Array | null

/** Layout of the chunk that covers `box`, both corners inclusive, of a part with `channels`. */
export function chunkLayout(channels: readonly Channel[], box: Box): ChunkLayout {
  const inChunk = channels.map((channel) => chunkChannel(channel, box))
  return {
    sizeBytes: inChunk.reduce((sum, { columns, rows, sampleBytes }) => sum + columns * rows * sampleBytes, 0),
    firstY: box.yMin,
    firstX: box.xMin,
    rows: boxHeight(box),
    columns: boxWidth(box),
    channels: inChunk,
  }
}

function chunkChannel(channel: Channel, box: Box): ChunkChannel {
  const { name, pixelType, xSampling, ySampling, perceptuallyLinear } = channel
  return {
    name,
    pixelType,
    sampleBytes: SAMPLE_BYTES[pixelType] ?? 4,
    xSampling,
    ySampling,
    perceptuallyLinear,
    columns: sampledCount(box.xMin, box.xMax, xSampling),
    rows: sampledCount(box.yMin, box.yMax, ySampling),
  }
}

/** Multiples of `sampling` from `first` to `last`, both inclusive: the coordinates that have samples. */
const sampledCount = (first: number, last: number, sampling: number): number =>
  Math.floor(last / sampling) - Math.ceil(first / sampling) + 1

/** `chunkLayout` for the chunks of one part, which nearly all hold the same. */
export function chunkLayouts(channels: readonly Channel[]): (box: Box) => ChunkLayout {
  const isUniform = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1)
  let last: ChunkLayout | null = null
  return (box) => {
    const isLike = isUniform && last?.rows === boxHeight(box) && last.columns === boxWidth(box)
    last = isLike && last !== null ? { ...last, firstX: box.xMin, firstY: box.yMin } : chunkLayout(channels, box)
    return last
  }
}

/** For each channel, the first word of each of its rows: rows of pixels hold the channels one after the other. */
export function channelRows({ channels, rows, firstY }: ChunkLayout): readonly Int32Array[] {
  const starts = channels.map((channel) => new Int32Array(Math.max(0, channel.rows)))
  const filled = channels.map(() => 0)
  let at = 0
  for (let y = firstY; y < firstY + rows; y++) {
    channels.forEach((channel, index) => {
      if (y % channel.ySampling !== 0) return
      const row = filled[index] as number
      ;(starts[index] as Int32Array)[row] = at
      filled[index] = row + 1
      at += wordsInRow(channel)
    })
  }
  return starts
}

const wordsInRow = ({ columns, sampleBytes }: ChunkChannel): number => columns * (sampleBytes / 2)
