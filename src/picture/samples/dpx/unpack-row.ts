/** Codes of one row of a DPX, in the file's order of samples. `codes` has room for 2 more than are asked for. */
export type UnpackRow = (row: DataView, codes: Uint16Array, count: number) => void

export type DpxPacking = {
  readonly bits: 8 | 10 | 12 | 16
  /** 0 packed without gaps, 1 filled with the padding in the low bits (method A), 2 in the high bits (B). */
  readonly filling: 0 | 1 | 2
  readonly littleEndian: boolean
  /** Whether the element has one channel. */
  readonly single: boolean
}

/** How many samples fill a whole number of words, and how many bytes those are. */
export type SampleGroup = { readonly samples: number; readonly bytes: number }

export function groupOf({ bits, filling }: Pick<DpxPacking, "bits" | "filling">): SampleGroup {
  if (bits === 10) return filling > 0 ? { samples: 3, bytes: 4 } : { samples: 16, bytes: 20 }
  if (bits === 12 && filling === 0) return { samples: 8, bytes: 12 }
  return { samples: 1, bytes: bits === 8 ? 1 : 2 }
}

/** How rows of this kind are unpacked, SMPTE 268M. */
export function rowUnpacker({ bits, filling, littleEndian, single }: DpxPacking): UnpackRow {
  if (bits === 8) return unpackBytes
  if (bits === 16) return (row, codes, count) => unpackShorts(row, codes, count, { littleEndian, shift: 0 })
  if (filling === 0) return (row, codes, count) => unpackTight(row, codes, count, { littleEndian, bits })
  if (bits === 12)
    return (row, codes, count) => unpackShorts(row, codes, count, { littleEndian, shift: filling === 1 ? 4 : 0 })
  const lowest = filling === 1 ? 2 : 0
  // Of pictures of one channel, writers put the first sample in the low bits; oiiotool and ffmpeg read them so too.
  const shifts: Thirds = single ? [lowest, lowest + 10, lowest + 20] : [lowest + 20, lowest + 10, lowest]
  return (row, codes, count) => unpackThirds(row, codes, count, { littleEndian, shifts })
}

type Thirds = readonly [first: number, second: number, third: number]

function unpackBytes(row: DataView, codes: Uint16Array, count: number): void {
  for (let n = 0; n < count; n++) codes[n] = row.getUint8(n)
}

type Shorts = { readonly littleEndian: boolean; readonly shift: number }

/** One sample in 16 bits; padding in the high bits is left for the table of values to mask. */
function unpackShorts(row: DataView, codes: Uint16Array, count: number, { littleEndian, shift }: Shorts): void {
  for (let n = 0; n < count; n++) codes[n] = row.getUint16(n * 2, littleEndian) >>> shift
}

type Filled = { readonly littleEndian: boolean; readonly shifts: Thirds }

/** Three samples of 10 bits in 32. */
function unpackThirds(row: DataView, codes: Uint16Array, count: number, { littleEndian, shifts }: Filled): void {
  const [first, second, third] = shifts
  for (let n = 0, at = 0; n < count; n += 3, at += 4) {
    const word = row.getUint32(at, littleEndian)
    codes[n] = (word >>> first) & 1023
    codes[n + 1] = (word >>> second) & 1023
    codes[n + 2] = (word >>> third) & 1023
  }
}

type Tight = { readonly littleEndian: boolean; readonly bits: number }

/** Samples one after the other through words of 32 bits, from the low end up. */
function unpackTight(row: DataView, codes: Uint16Array, count: number, { littleEndian, bits }: Tight): void {
  const mask = (1 << bits) - 1
  for (let n = 0; n < count; n++) {
    const word = ((n * bits) >>> 5) * 4
    const shift = (n * bits) & 31
    let code = row.getUint32(word, littleEndian) >>> shift
    if (shift + bits > 32) code |= row.getUint32(word + 4, littleEndian) << (32 - shift)
    codes[n] = code & mask
  }
}

/** The light or code value of each code: 0 at `low`, 1 at `high`; padding above the bits does not count. */
export function valuesOf(bits: number, range: { readonly low: number; readonly high: number } | null): Float32Array {
  const highest = 2 ** bits - 1
  const { low, high } = range ?? { low: 0, high: highest }
  return Float32Array.from({ length: 65536 }, (_, code) => ((code & highest) - low) / (high - low))
}
