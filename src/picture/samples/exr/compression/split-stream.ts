import { HALF_TO_FLOAT } from "./half.ts"
import { type SampleStream, scaleUints } from "./sample-stream.ts"

/**
 * `low` and `high` are the two bytes of the 16 bits before position `at`: sums of the differences so far. `words` are
 * the same bytes four at a time, empty where they or their second half do not lie on a word.
 */
type Split = { bytes: Uint8Array; words: Int32Array; half: number; at: number; low: number; high: number }

/**
 * Samples as RLE and ZIP pack them: the chunk's even bytes first, then its odd ones, and of that the differences of
 * neighbours, plus 128. Both halves are summed side by side, so that each step gives the 16 bits of a half (or of half
 * a float), without a pass that puts the bytes back.
 */
interface SplitStream extends SampleStream {
  /** Starts at the beginning of `bytes`, an even number that must stay as they are while samples are taken. */
  open(bytes: Uint8Array): SampleStream
}

/** One stream, opened again for each chunk. */
export function splitStream(): SplitStream {
  const empty = { bytes: new Uint8Array(0), words: new Int32Array(0) }
  const split: Split = { ...empty, half: 0, at: 0, low: 0, high: 0 }
  const stream: SplitStream = {
    open(bytes) {
      const half = bytes.length / 2
      split.bytes = bytes
      split.half = half
      split.words = half % 4 === 0 ? wordsOf(bytes) : empty.words
      split.at = 0
      // The first byte is a difference from nothing: 128 cancels the 128 that every other one has added.
      split.low = 128
      split.high = (byteSum(bytes, split.words, 0, half) - 128 * (half - 1)) & 255
      return stream
    },
    take(pixelType, count, into, from) {
      if (into === null) passOver(split, pixelType === "half" ? count : count * 2)
      else if (pixelType === "half") takeHalves(split, into.floats, from, from + count)
      else takeWords(split, into.bits, from, from + count)
      if (into !== null && pixelType === "uint") scaleUints(into, from, from + count)
    },
  }
  return stream
}

function passOver(split: Split, units: number): void {
  const { bytes, words, half, at } = split
  split.low = (split.low + byteSum(bytes, words, at, at + units) - 128 * units) & 255
  split.high = (split.high + byteSum(bytes, words, at + half, at + half + units) - 128 * units) & 255
  split.at = at + units
}

function takeHalves(split: Split, into: Float32Array, from: number, end: number): void {
  const first = split.words.length === 0 ? end : Math.min(end, from + (-split.at & 3))
  const last = first + ((end - first) & ~3)
  halvesByByte(split, into, from, first)
  halvesByWord(split, into, first, last)
  halvesByByte(split, into, last, end)
}

function halvesByByte(split: Split, into: Float32Array, from: number, end: number): void {
  const { bytes, half } = split
  let { at, low, high } = split
  for (let index = from; index < end; index++) {
    low = (low + (bytes[at] as number) + 128) & 255
    high = (high + (bytes[at + half] as number) + 128) & 255
    into[index] = HALF_TO_FLOAT[low | (high << 8)] as number
    at++
  }
  split.at = at
  split.low = low
  split.high = high
}

/** Four samples at a time, from two words: a quarter less time than by byte. The high byte is summed where it is used. */
function halvesByWord(split: Split, into: Float32Array, from: number, end: number): void {
  const words = split.words
  const half = split.half >>> 2
  let at = split.at >>> 2
  let low = split.low
  let high = split.high << 8
  for (let index = from; index < end; index += 4) {
    const lows = words[at] as number
    const highs = words[at + half] as number
    at++
    low = (low + lows + 128) & 0xff
    high = (high + (highs << 8) + 0x8000) & 0xff00
    into[index] = HALF_TO_FLOAT[low | high] as number
    low = (low + (lows >>> 8) + 128) & 0xff
    high = (high + highs + 0x8000) & 0xff00
    into[index + 1] = HALF_TO_FLOAT[low | high] as number
    low = (low + (lows >>> 16) + 128) & 0xff
    high = (high + (highs >>> 8) + 0x8000) & 0xff00
    into[index + 2] = HALF_TO_FLOAT[low | high] as number
    low = (low + (lows >>> 24) + 128) & 0xff
    high = (high + (highs >>> 16) + 0x8000) & 0xff00
    into[index + 3] = HALF_TO_FLOAT[low | high] as number
  }
  split.at += end - from
  split.low = low
  split.high = high >>> 8
}

/** Two steps a sample: its lower and its upper 16 bits. */
function takeWords(split: Split, into: Int32Array, from: number, end: number): void {
  const { bytes, half } = split
  let { at, low, high } = split
  for (let index = from; index < end; index++) {
    low = (low + (bytes[at] as number) + 128) & 255
    high = (high + (bytes[at + half] as number) + 128) & 255
    const lower = low | (high << 8)
    low = (low + (bytes[at + 1] as number) + 128) & 255
    high = (high + (bytes[at + half + 1] as number) + 128) & 255
    into[index] = lower | ((low | (high << 8)) << 16)
    at += 2
  }
  split.at = at
  split.low = low
  split.high = high
}

const NO_WORDS = new Int32Array(0)

/** Words whose byte sums fit two 16-bit lanes of a positive integer: 2 x 255 x 64 is below 2^15. */
const WORDS_PER_FOLD = 64

/** The same memory as whole words, from its start; empty where that does not lie on a word. */
const wordsOf = (bytes: Uint8Array): Int32Array =>
  bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : NO_WORDS

/** Sum of bytes [from, to) modulo 2^32. `words` are the same bytes as words, or empty. */
function byteSum(bytes: Uint8Array, words: Int32Array, from: number, to: number): number {
  if (words.length === 0 || to - from < 16) return sumByByte(bytes, from, to)
  const first = (from + 3) & ~3
  const last = to & ~3
  return (sumByByte(bytes, from, first) + sumByWord(words, first >>> 2, last >>> 2) + sumByByte(bytes, last, to)) | 0
}

function sumByByte(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  for (let index = from; index < to; index++) sum = (sum + (bytes[index] as number)) | 0
  return sum
}

function sumByWord(words: Int32Array, from: number, to: number): number {
  let sum = 0
  for (let start = from; start < to; start += WORDS_PER_FOLD) {
    const end = Math.min(to, start + WORDS_PER_FOLD)
    let lanes = 0
    for (let index = start; index < end; index++) {
      const word = words[index] as number
      lanes += (word & 0xff00ff) + ((word >>> 8) & 0xff00ff)
    }
    sum = (sum + (lanes & 0xffff) + (lanes >>> 16)) | 0
  }
  return sum
}
