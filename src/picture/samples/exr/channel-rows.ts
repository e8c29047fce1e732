import type { ChunkChannel, ChunkLayout } from "./chunk-layout.ts"

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
