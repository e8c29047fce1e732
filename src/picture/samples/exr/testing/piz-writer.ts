import type { ChunkLayout } from "../chunks/layout.ts"
import { type CodeShape, packHuffman } from "./piz-huffman-writer.ts"

type Pair = readonly [mean: number, difference: number]

const plain = (a: number, b: number): Pair => [(signed(a) + signed(b)) >> 1, signed(a) - signed(b)]
const signed = (word: number): number => (word << 16) >> 16

function modulo(a: number, b: number): Pair {
  const shifted = (a + 0x8000) & 0xffff
  const difference = shifted - b
  return [((shifted + b) >> 1) + (difference < 0 ? 0x8000 : 0), difference]
}

type Plane = {
  readonly start: number
  readonly columns: number
  readonly rows: number
  readonly step: number
  readonly pitch: number
}

/** The 2-D Haar transform, fine levels first: of four words, means across and then down. */
function transform(words: Uint16Array, { start, columns, rows, step, pitch }: Plane, isPlain: boolean): void {
  const pair = (first: number, second: number): void => {
    const [mean, difference] = (isPlain ? plain : modulo)(words[first] ?? 0, words[second] ?? 0)
    words[first] = mean
    words[second] = difference
  }
  for (let span = 1; 2 * span <= Math.min(columns, rows); span *= 2) {
    const [right, down] = [step * span, pitch * span]
    const lefts = Array.from({ length: Math.floor(columns / (2 * span)) }, (_, n) => 2 * right * n)
    const tops = Array.from({ length: Math.floor(rows / (2 * span)) }, (_, n) => start + 2 * down * n)
    for (const top of tops) {
      for (const left of lefts) {
        pair(top + left, top + left + right)
        pair(top + left + down, top + left + right + down)
        pair(top + left, top + left + down)
        pair(top + left + right, top + left + right + down)
      }
      if ((columns & span) !== 0) pair(top + 2 * right * lefts.length, top + 2 * right * lefts.length + down)
    }
    const bottom = start + 2 * down * tops.length
    if ((rows & span) !== 0) for (const left of lefts) pair(bottom + left, bottom + left + right)
  }
}

/** Rows of pixels as planes: all of one channel's words after all of another's. */
function planeWords(layout: ChunkLayout, pixels: Uint16Array): Uint16Array {
  const planes = layout.channels.map((): number[] => [])
  let at = 0
  for (let y = layout.firstY; y < layout.firstY + layout.rows; y++) {
    for (const [index, { columns, sampleBytes, ySampling }] of layout.channels.entries()) {
      if (y % ySampling !== 0) continue
      const words = (columns * sampleBytes) / 2
      planes[index]?.push(...pixels.subarray(at, at + words))
      at += words
    }
  }
  return Uint16Array.from(planes.flat())
}

/** A PIZ chunk of these pixels, laid out as ChunkLayout says. */
export function pizChunk(layout: ChunkLayout, pixels: Uint16Array, shape: CodeShape = "balanced"): Uint8Array {
  const used = [...new Set(pixels)].filter((word) => word !== 0).sort((a, b) => a - b)
  const numbers = new Map([0, ...used].map((word, index) => [word, index]))
  const words = planeWords(layout, pixels).map((word) => numbers.get(word) ?? 0)
  let start = 0
  for (const { columns, rows, sampleBytes } of layout.channels) {
    const step = sampleBytes / 2
    for (let word = 0; word < step; word++)
      transform(words, { start: start + word, columns, rows, step, pitch: columns * step }, used.length < 1 << 14)
    start += columns * rows * step
  }
  return chunkOf(bitmapOf(used), packHuffman(words, shape))
}

/** First and last byte of the bitmap that are not zero, and those between. */
function bitmapOf(used: readonly number[]): Uint8Array {
  if (used.length === 0) return Uint8Array.of(0xff, 0x1f, 0, 0)
  const [lowest, highest] = [(used[0] ?? 0) >> 3, (used.at(-1) ?? 0) >> 3]
  const bytes = new Uint8Array(4 + highest - lowest + 1)
  bytes.set([lowest & 255, lowest >> 8, highest & 255, highest >> 8])
  for (const word of used) {
    const at = 4 + (word >> 3) - lowest
    bytes[at] = (bytes[at] ?? 0) | (1 << (word & 7))
  }
  return bytes
}

function chunkOf(bitmap: Uint8Array, packed: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(bitmap.length + 4 + packed.length)
  chunk.set(bitmap)
  new DataView(chunk.buffer).setUint32(bitmap.length, packed.length, true)
  chunk.set(packed, bitmap.length + 4)
  return chunk
}
