const NO_WORDS = new Int32Array(0)

/** Words whose byte sums fit two 16-bit lanes of a positive integer: 2 x 255 x 64 is below 2^15. */
const WORDS_PER_FOLD = 64

/** The same memory as whole words, from its start; empty where that does not lie on a word. */
export const wordsOf = (bytes: Uint8Array): Int32Array =>
  bytes.byteOffset % 4 === 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : NO_WORDS

/** Sum of bytes [from, to) modulo 2^32. `words` are the same bytes as words, or empty. */
export function byteSum(bytes: Uint8Array, words: Int32Array, from: number, to: number): number {
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
