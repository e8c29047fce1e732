import type { ChunkWords, Differences, WordPlane } from "./piz-wavelet.ts"

/** Where pixels go. */
export type Finish = {
  readonly out: Uint16Array
  /** This plane's first word in each of its rows of pixels. */
  readonly rowStarts: Int32Array
  /** Pixel word of each number, all 65536. */
  readonly values: Uint16Array
}

/** The 2x2 blocks of the finest level after mergeLevels, and what is left over, as pixels. */
export function finishWavelet(plane: WordPlane, chunk: ChunkWords, differences: Differences, finish: Finish): void {
  const { columns, rows } = plane
  const hasBlocks = columns > 1 && rows > 1
  const [blockColumns, blockRows] = hasBlocks ? [columns & ~1, rows & ~1] : [0, 0]
  for (let row = 0; row < blockRows; row += 2) {
    if (differences === "plain") plainBlocks(plane, chunk.signed, row, finish)
    else moduloBlocks(plane, chunk.words, row, finish)
  }
  for (let row = 0; row < rows; row++) {
    for (let column = row < blockRows ? blockColumns : 0; column < columns; column++) {
      const number = chunk.words[plane.start + row * plane.pitch + column * plane.step] as number
      finish.out[(finish.rowStarts[row] as number) + column * plane.step] = finish.values[number] as number
    }
  }
}

function plainBlocks({ start, columns, step, pitch }: WordPlane, words: Int16Array, row: number, finish: Finish): void {
  const { out, values, rowStarts } = finish
  let at = start + row * pitch
  let to = rowStarts[row] as number
  const down = (rowStarts[row + 1] as number) - to
  const end = at + (columns & ~1) * step
  for (; at < end; at += 2 * step, to += 2 * step) {
    const lower = words[at + pitch] as number
    const both = words[at + pitch + step] as number
    const left = (words[at] as number) + ((lower + 1) >> 1)
    const across = (words[at + step] as number) + ((both + 1) >> 1)
    const acrossLower = across - both
    const first = left + ((across + 1) >> 1)
    const second = left - lower + ((acrossLower + 1) >> 1)
    out[to] = values[first & 0xffff] as number
    out[to + step] = values[(first - across) & 0xffff] as number
    out[to + down] = values[second & 0xffff] as number
    out[to + down + step] = values[(second - acrossLower) & 0xffff] as number
  }
}

function moduloBlocks(
  { start, columns, step, pitch }: WordPlane,
  words: Uint16Array,
  row: number,
  finish: Finish,
): void {
  const { out, values, rowStarts } = finish
  let at = start + row * pitch
  let to = rowStarts[row] as number
  const down = (rowStarts[row + 1] as number) - to
  const end = at + (columns & ~1) * step
  for (; at < end; at += 2 * step, to += 2 * step) {
    const lower = words[at + pitch] as number
    const both = words[at + pitch + step] as number
    const left = ((words[at] as number) - (lower >> 1)) & 0xffff
    const upperLeft = (lower + left - 0x8000) & 0xffff
    const across = ((words[at + step] as number) - (both >> 1)) & 0xffff
    const upperAcross = (both + across - 0x8000) & 0xffff
    const upper = (upperLeft - (upperAcross >> 1)) & 0xffff
    const under = (left - (across >> 1)) & 0xffff
    out[to] = values[(upperAcross + upper - 0x8000) & 0xffff] as number
    out[to + step] = values[upper] as number
    out[to + down] = values[(across + under - 0x8000) & 0xffff] as number
    out[to + down + step] = values[under] as number
  }
}
