/** One channel's words among the others of a chunk: 32-bit samples are two such planes, interleaved. */
export type WordPlane = {
  /** Index of its first word. */
  readonly start: number
  readonly columns: number
  readonly rows: number
  /** Words from one column to the next, 1 or 2, here and in the pixels. */
  readonly step: number
  /** Words from one row to the next. */
  readonly pitch: number
}

/** The words of a chunk, and the same memory as signed numbers. */
export type ChunkWords = { readonly words: Uint16Array; readonly signed: Int16Array }

/** How the writer took differences: plainly where no number reaches 2^14, else modulo 2^16. */
export type Differences = "plain" | "modulo"

/**
 * Undoes PIZ's Haar wavelet in place, coarse levels first: all of it but the 2x2 blocks of the finest level, which
 * finishWavelet turns into pixels in the same sweep. A level pairs every second column and row of the finer one; one
 * that is left over is paired in its own direction only, and the one in the corner stands as it is.
 */
export function mergeLevels(plane: WordPlane, chunk: ChunkWords, differences: Differences): void {
  const { start, columns, rows, step, pitch } = plane
  for (let span = coarsest(columns, rows); span >= 1; span >>= 1) {
    const level: Level = { right: step * span, down: pitch * span, pairs: Math.floor(columns / (2 * span)) }
    let top = start
    for (let y = 2 * span; y <= rows; y += 2 * span, top += 2 * level.down) {
      if (span > 1) mergeRows(chunk, top, level, differences)
      if ((columns & span) !== 0) mergePair(chunk, top + 2 * level.right * level.pairs, level.down, differences)
    }
    if ((rows & span) === 0) continue
    for (let n = 0; n < level.pairs; n++) mergePair(chunk, top + 2 * level.right * n, level.right, differences)
  }
}

function mergeRows({ words, signed }: ChunkWords, top: number, level: Level, differences: Differences): void {
  if (differences === "plain") plainRows(signed, top, level)
  else moduloRows(words, top, level)
}

function mergePair({ words, signed }: ChunkWords, at: number, apart: number, differences: Differences): void {
  if (differences === "plain") plainPair(signed, at, apart)
  else moduloPair(words, at, apart)
}

/** Half the largest power of two that fits in both directions. */
const coarsest = (columns: number, rows: number): number => (1 << (31 - Math.clz32(Math.min(columns, rows) | 1))) >> 1

/** Words this far apart belong together, so many pairs of columns. */
type Level = { readonly right: number; readonly down: number; readonly pairs: number }

function plainRows(words: Int16Array, top: number, { right, down, pairs }: Level): void {
  let at = top
  for (let n = 0; n < pairs; n++, at += 2 * right) {
    const lower = words[at + down] as number
    const both = words[at + down + right] as number
    const left = (words[at] as number) + ((lower + 1) >> 1)
    const across = (words[at + right] as number) + ((both + 1) >> 1)
    const acrossLower = across - both
    const first = left + ((across + 1) >> 1)
    const second = left - lower + ((acrossLower + 1) >> 1)
    words[at] = first
    words[at + right] = first - across
    words[at + down] = second
    words[at + down + right] = second - acrossLower
  }
}

function plainPair(words: Int16Array, at: number, apart: number): void {
  const difference = words[at + apart] as number
  const first = (words[at] as number) + ((difference + 1) >> 1)
  words[at] = first
  words[at + apart] = first - difference
}

function moduloRows(words: Uint16Array, top: number, { right, down, pairs }: Level): void {
  let at = top
  for (let n = 0; n < pairs; n++, at += 2 * right) {
    const lower = words[at + down] as number
    const both = words[at + down + right] as number
    const left = ((words[at] as number) - (lower >> 1)) & 0xffff
    const upperLeft = (lower + left - 0x8000) & 0xffff
    const across = ((words[at + right] as number) - (both >> 1)) & 0xffff
    const upperAcross = (both + across - 0x8000) & 0xffff
    const upper = (upperLeft - (upperAcross >> 1)) & 0xffff
    const under = (left - (across >> 1)) & 0xffff
    words[at + right] = upper
    words[at] = upperAcross + upper - 0x8000
    words[at + down + right] = under
    words[at + down] = across + under - 0x8000
  }
}

function moduloPair(words: Uint16Array, at: number, apart: number): void {
  const difference = words[at + apart] as number
  const second = ((words[at] as number) - (difference >> 1)) & 0xffff
  words[at + apart] = second
  words[at] = difference + second - 0x8000
}

/** Where pixels go. */
type PixelTarget = {
  readonly out: Uint16Array
  /** This plane's first word in each of its rows of pixels. */
  readonly rowStarts: Int32Array
  /** Pixel word of each number, all 65536. */
  readonly values: Uint16Array
}

/** The 2x2 blocks of the finest level after mergeLevels, and what is left over, as pixels. */
export function finishWavelet(
  plane: WordPlane,
  chunk: ChunkWords,
  differences: Differences,
  finish: PixelTarget,
): void {
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

function plainBlocks(
  { start, columns, step, pitch }: WordPlane,
  words: Int16Array,
  row: number,
  finish: PixelTarget,
): void {
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
  finish: PixelTarget,
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
