import {
  bitsAt,
  type HuffmanCode,
  LONGEST_CODE_BITS,
  LOOKUP_BITS,
  newHuffmanCode,
  type PackedBits,
  readHuffmanCode,
} from "./piz-huffman-code.ts"

/** Lowest and highest symbol, bytes of the table (not needed), bits of the data, reserved: 32 bits each. */
const HEADER_BYTES = 20
const HIGHEST_SYMBOL = 0x10000
/** Bit positions stay below 2^30. No writer comes near: it would take a tile of 8192x8192. */
const MAX_PACKED_BYTES = 2 ** 27
/** Length of a run, which follows its symbol, bits. */
const RUN_BITS = 8
/** Longest code and a run may be read behind the end. */
const PADDING_WORDS = 4
/** What is kept from chunk to chunk; larger ones get memory of their own. */
const KEPT_BYTES = 2 ** 23

const code: HuffmanCode = newHuffmanCode()
let kept = new ArrayBuffer(0)

/** Where unpacked words go: exactly `size` of them from the start; `words` is at least 4 longer. */
type UnpackedWords = { readonly words: Uint16Array; readonly size: number }

/** Undoes PIZ's Huffman coding of 16-bit words. False where the bytes are damaged or hold another number of words. */
export function unpackHuffman(packed: Uint8Array, unpacked: UnpackedWords): boolean {
  if (packed.length < HEADER_BYTES || packed.length > MAX_PACKED_BYTES) return false
  const header = new DataView(packed.buffer, packed.byteOffset, HEADER_BYTES)
  const range = { lowest: header.getUint32(0, true), highest: header.getUint32(4, true) }
  if (range.lowest > range.highest || range.highest > HIGHEST_SYMBOL) return false
  const bits = bigEndianWords(packed.subarray(HEADER_BYTES))
  const codeBits = readHuffmanCode(code, bits, range)
  if (codeBits === null) return false
  const begin = Math.ceil(codeBits / 8) * 8
  const end = begin + header.getUint32(12, true)
  return end <= bits.endBits && decode({ words: bits.words, begin, end, runSymbol: range.highest }, unpacked)
}

function bigEndianWords(bytes: Uint8Array): PackedBits {
  const words = Math.ceil(bytes.length / 4)
  const needed = (words + PADDING_WORDS) * 4
  const buffer = needed <= kept.byteLength ? kept : new ArrayBuffer(needed)
  if (needed <= KEPT_BYTES) kept = buffer
  const copy = Buffer.from(buffer, 0, needed)
  copy.set(bytes)
  copy.fill(0, bytes.length)
  copy.swap32()
  return { words: new Int32Array(buffer, 0, words + PADDING_WORDS), endBits: bytes.length * 8 }
}

type CodedBits = {
  readonly words: Int32Array
  readonly begin: number
  readonly end: number
  readonly runSymbol: number
}

/** How far decoding has come: bits read, words written. */
type DecodingProgress = { at: number; size: number }

/** Common codes two by two; runs, long codes and the end one by one. */
function decode(stretch: CodedBits, unpacked: UnpackedWords): boolean {
  const { words, begin, end, runSymbol } = stretch
  const progress: DecodingProgress = { at: begin, size: 0 }
  for (;;) {
    decodeCommon(stretch, progress, unpacked)
    if (progress.at >= end || progress.size >= unpacked.size)
      return progress.at === end && progress.size === unpacked.size
    const found = nextSymbol(words, progress.at)
    if (found < 0) return false
    progress.at += found & 63
    if (found >>> 6 !== runSymbol) unpacked.words[progress.size++] = found >>> 6
    else if (!repeat(bitsAt(words, progress.at) >>> 24, progress, unpacked)) return false
  }
}

/** Two look-ups of 14 bits to a window of 32, each good for one or two symbols, as long as they need no search. */
function decodeCommon({ words, end }: CodedBits, progress: DecodingProgress, unpacked: UnpackedWords): void {
  const { used, symbols } = code
  const out = unpacked.words
  const [lastAt, lastSize] = [end - 32, unpacked.size - 4]
  let { at, size } = progress
  while (at <= lastAt && size <= lastSize) {
    const window = bitsAt(words, at)
    const bits = used[window >>> 18] as number
    if (bits === 0) break
    const found = symbols[window >>> 18] as number
    out[size] = found
    out[size + 1] = found >>> 16
    size += 1 + (bits >>> 4)
    at += bits & 15
    const next = (window << (bits & 15)) >>> 18
    const nextBits = used[next] as number
    if (nextBits === 0) break
    const nextFound = symbols[next] as number
    out[size] = nextFound
    out[size + 1] = nextFound >>> 16
    size += 1 + (nextBits >>> 4)
    at += nextBits & 15
  }
  progress.at = at
  progress.size = size
}

/** The symbol at bit `at` shifted left by 6, with the length of its code in the low bits; -1 where no code is there. */
function nextSymbol(words: Int32Array, at: number): number {
  const window = bitsAt(words, at)
  const key = window >>> (32 - LOOKUP_BITS)
  const short = code.usedByOne[key] as number
  if (short > 0) return ((code.one[key] as number) << 6) | short
  let length = code.one[key] as number
  let bits = window >>> (32 - length)
  for (; length <= LONGEST_CODE_BITS && bits <= HIGHEST_SYMBOL; length++) {
    const place = bits - (code.first[length] as number)
    if (place >= 0 && place < (code.count[length] as number))
      return ((code.sorted[(code.start[length] as number) + place] as number) << 6) | length
    bits = (bits << 1) | (bitsAt(words, at + length) >>> 31)
  }
  return -1
}

/** Writes the last word `count` times more. False where there is none, or no room. */
function repeat(count: number, progress: DecodingProgress, { words, size }: UnpackedWords): boolean {
  const from = progress.size
  if (from === 0 || from + count > size) return false
  words.fill(words[from - 1] as number, from, from + count)
  progress.size = from + count
  progress.at += RUN_BITS
  return true
}
