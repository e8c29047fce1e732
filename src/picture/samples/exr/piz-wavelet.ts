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
