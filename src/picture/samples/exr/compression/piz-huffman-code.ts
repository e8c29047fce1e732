/** Longest code that the file format can state, bits. */
export const LONGEST_CODE_BITS = 58
/** Bits that one look-up resolves; longer codes are rare and searched for. */
export const LOOKUP_BITS = 14
/** Code lengths in a row that are stored as this or more: 2 to 5 unused symbols, or 6 and up with a count of 8 bits. */
const SHORT_GAP = 59
const LONG_GAP = 63
const SYMBOLS = 0x10001
const LOOKUPS = 1 << LOOKUP_BITS

/** A Huffman code: which bits mean which symbols. Made once and filled anew for each chunk. */
export type HuffmanCode = {
  /** By the next 14 bits: bits that their first one or two symbols use (low 4 bits), +16 where two; 0: search. */
  readonly used: Uint8Array
  /** By the next 14 bits: those symbols, the first in the low half; where `used` is 0, the length to search from. */
  readonly symbols: Uint32Array
  /** The same with one symbol each. */
  readonly usedByOne: Uint8Array
  readonly one: Uint32Array
  /** Length of each symbol's code, bits; 0 where it has none. */
  readonly lengths: Uint8Array
  /** The symbols, shorter codes first, then by value. */
  readonly sorted: Uint32Array
  /** By code length: the numerically lowest code, how many there are, and where they begin in `sorted`. */
  readonly first: Int32Array
  readonly count: Int32Array
  readonly start: Int32Array
}

export const newHuffmanCode = (): HuffmanCode => ({
  used: new Uint8Array(LOOKUPS),
  symbols: new Uint32Array(LOOKUPS),
  usedByOne: new Uint8Array(LOOKUPS),
  one: new Uint32Array(LOOKUPS),
  lengths: new Uint8Array(SYMBOLS),
  sorted: new Uint32Array(SYMBOLS),
  first: new Int32Array(LONGEST_CODE_BITS + 1),
  count: new Int32Array(LONGEST_CODE_BITS + 1),
  start: new Int32Array(LONGEST_CODE_BITS + 2),
})

/** The 32 bits from bit `at` of big-endian words on, of which one more must be there than the bit's own. */
export const bitsAt = (words: Int32Array, at: number): number =>
  ((words[at >>> 5] as number) << (at & 31)) | (((words[(at >>> 5) + 1] as number) >>> 1) >>> (31 - (at & 31)))

/** Symbols that may have codes, both inclusive, 0..65536; the highest stands for a run. */
type SymbolRange = { readonly lowest: number; readonly highest: number }

/** Packed bits: big-endian words, with two words of zeros behind the end. */
export type PackedBits = { readonly words: Int32Array; readonly endBits: number }

/**
 * Reads the packed code lengths at the start of `packed` and makes the code of them.
 * @returns bits used, or null where they are damaged.
 */
export function readHuffmanCode(code: HuffmanCode, packed: PackedBits, range: SymbolRange): number | null {
  const bits = readLengths(code.lengths, packed, range)
  if (bits === null) return null
  countLengths(code, range)
  if (!placeCodes(code)) return null
  sortSymbols(code, range)
  fillLookups(code, range.highest)
  pairLookups(code)
  return bits
}

function readLengths(lengths: Uint8Array, { words, endBits }: PackedBits, range: SymbolRange): number | null {
  lengths.fill(0)
  let at = 0
  let symbol = range.lowest
  while (symbol <= range.highest && at < endBits) {
    const window = bitsAt(words, at)
    const length = window >>> 26
    at += length === LONG_GAP ? 14 : 6
    if (length < SHORT_GAP) lengths[symbol++] = length
    else symbol += length === LONG_GAP ? 6 + ((window >>> 18) & 255) : length - SHORT_GAP + 2
  }
  return symbol === range.highest + 1 && at <= endBits ? at : null
}

function countLengths({ lengths, count }: HuffmanCode, { lowest, highest }: SymbolRange): void {
  count.fill(0)
  for (let symbol = lowest; symbol <= highest; symbol++) {
    const length = lengths[symbol] as number
    count[length] = (count[length] as number) + 1
  }
  count[0] = 0
}

/**
 * Canonical codes: longer ones are numerically lower, and those of one length increase with their symbol. However long,
 * all are below 2^17 therefore. False where there are more than fit.
 */
function placeCodes({ first, count, start }: HuffmanCode): boolean {
  let next = 0
  for (let length = LONGEST_CODE_BITS; length > 0; length--) {
    first[length] = next
    next += count[length] as number
    if (length < 18 && next > 1 << length) return false
    next >>= 1
  }
  start[1] = 0
  for (let length = 1; length <= LONGEST_CODE_BITS; length++)
    start[length + 1] = (start[length] as number) + (count[length] as number)
  return true
}

function sortSymbols({ lengths, sorted, count, start }: HuffmanCode, { lowest, highest }: SymbolRange): void {
  for (let symbol = lowest; symbol <= highest; symbol++) {
    const length = lengths[symbol] as number
    if (length === 0) continue
    const place = start[length] as number
    sorted[place] = symbol
    start[length] = place + 1
  }
  for (let length = 1; length <= LONGEST_CODE_BITS; length++)
    start[length] = (start[length] as number) - (count[length] as number)
}

function fillLookups({ usedByOne, one, sorted, first, count, start }: HuffmanCode, runSymbol: number): void {
  usedByOne.fill(0)
  one.fill(LOOKUP_BITS + 1)
  for (let length = 1; length <= LOOKUP_BITS; length++) {
    const spread = LOOKUP_BITS - length
    const lowest = first[length] as number
    const begin = start[length] as number
    for (let n = 0; n < (count[length] as number); n++) {
      const symbol = sorted[begin + n] as number
      const from = (lowest + n) << spread
      const to = from + (1 << spread)
      const isRun = symbol === runSymbol
      for (let key = from; key < to; key++) {
        one[key] = isRun ? length : symbol
        usedByOne[key] = isRun ? 0 : length
      }
    }
  }
}

/** Takes a second symbol along where the same 14 bits hold the whole of it. */
function pairLookups({ used, symbols, usedByOne, one }: HuffmanCode): void {
  for (let key = 0; key < LOOKUPS; key++) {
    const length = usedByOne[key] as number
    const rest = (key << length) & (LOOKUPS - 1)
    const more = usedByOne[rest] as number
    const both = length > 0 && more > 0 && length + more <= LOOKUP_BITS
    used[key] = both ? 16 + length + more : length
    symbols[key] = both ? (one[key] as number) | ((one[rest] as number) << 16) : (one[key] as number)
  }
}
