import { unpackHuffman } from "./piz-huffman.ts"
import { unpackRuns } from "./rle.ts"
import { inflateTo } from "./zip.ts"

/** Eleven counters of 64 bits stand before everything else. */
export const COUNTERS_BYTES = 11 * 8
/** A run of one word is the shortest that a bit can stand for: coefficients that promise more are not worth memory. */
const WORDS_PER_BIT = 256
/** The Huffman decoder writes two words at a time. */
const MARGIN_WORDS = 4
/** Coding in runs at its worst. */
const RUN_BYTES_PER_BYTE = 2

/** What a DWA chunk says of itself; numbers that no chunk can have are larger than any chunk, or infinite. */
export type Counters = {
  readonly version: number
  readonly plainBytes: number
  readonly plainPackedBytes: number
  readonly acPackedBytes: number
  readonly dcPackedBytes: number
  readonly runsPackedBytes: number
  readonly runsBytes: number
  readonly runsRawBytes: number
  readonly acCount: number
  readonly dcCount: number
  /** 0: Huffman, 1: zlib. */
  readonly acCoding: number
}

/** The counters at the chunk's start; null where it has none, or is of a later version. */
export function readCounters(chunk: Uint8Array): Counters | null {
  if (chunk.length < COUNTERS_BYTES) return null
  const view = new DataView(chunk.buffer, chunk.byteOffset, COUNTERS_BYTES)
  const counter = (index: number): number => Number(view.getBigUint64(index * 8, true))
  const version = counter(0)
  if (version > 2) return null
  return {
    version,
    plainBytes: counter(1),
    plainPackedBytes: counter(2),
    acPackedBytes: counter(3),
    dcPackedBytes: counter(4),
    runsPackedBytes: counter(5),
    runsBytes: counter(6),
    runsRawBytes: counter(7),
    acCount: counter(8),
    dcCount: counter(9),
    acCoding: counter(10),
  }
}

/** The packed bytes of a chunk, one kind after the other. */
export type Sections = {
  readonly plain: Uint8Array
  readonly ac: Uint8Array
  readonly dc: Uint8Array
  readonly runs: Uint8Array
}

/** Cuts what lies behind counters and rules; null where it is less than the counters say. */
export function cutSections(bytes: Uint8Array, counters: Counters): Sections | null {
  const ac = counters.plainPackedBytes
  const dc = ac + counters.acPackedBytes
  const runs = dc + counters.dcPackedBytes
  const end = runs + counters.runsPackedBytes
  if (end > bytes.length) return null
  const cut = (from: number, to: number): Uint8Array => bytes.subarray(from, to)
  return { plain: cut(0, ac), ac: cut(ac, dc), dc: cut(dc, runs), runs: cut(runs, end) }
}

/** Samples stored as they are; `sizeBytes` is what the channels need. */
export function unpackPlain({ plain }: Sections, counters: Counters, sizeBytes: number): Uint8Array | null {
  if (sizeBytes === 0) return new Uint8Array(0)
  return counters.plainBytes === sizeBytes ? inflateTo(plain, sizeBytes) : null
}

/** Samples stored in runs: the first bytes of all samples, then the second ones; `sizeBytes` is what the channels need. */
export function unpackRunBytes({ runs }: Sections, counters: Counters, sizeBytes: number): Uint8Array | null {
  if (sizeBytes === 0) return new Uint8Array(0)
  if (counters.runsRawBytes !== sizeBytes || counters.runsBytes > sizeBytes * RUN_BYTES_PER_BYTE) return null
  const packed = inflateTo(runs, counters.runsBytes)
  const raw = new Uint8Array(sizeBytes)
  return packed !== null && unpackRuns(packed, raw) === sizeBytes ? raw : null
}

/** The mean of each block, as a half: zlib's, even bytes before odd ones, and of that the differences plus 128. */
export function unpackMeans({ dc }: Sections, counters: Counters, blocks: number): Uint16Array | null {
  if (counters.dcCount !== blocks) return null
  const split = blocks === 0 ? new Uint8Array(0) : inflateTo(dc, blocks * 2)
  if (split === null) return null
  for (let at = 1; at < split.length; at++) split[at] = (split[at - 1] as number) + (split[at] as number) - 128
  return Uint16Array.from({ length: blocks }, (_, at) => (split[at] as number) | ((split[blocks + at] as number) << 8))
}

/** The other coefficients as halves and runs of zeros: at most `most`, with a margin behind them. */
export function unpackAc({ ac }: Sections, { acCount, acCoding }: Counters, most: number): Uint16Array | null {
  if (acCount === 0) return new Uint16Array(0)
  if (acCount > most) return null
  if (acCoding === 1) {
    const bytes = inflateTo(ac, acCount * 2)
    return bytes === null ? null : new Uint16Array(bytes.slice().buffer)
  }
  if (acCoding !== 0 || acCount > ac.length * 8 * WORDS_PER_BIT) return null
  const words = new Uint16Array(acCount + MARGIN_WORDS)
  return unpackHuffman(ac, { words, size: acCount }) ? words : null
}
