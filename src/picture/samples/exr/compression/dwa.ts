import { type ChunkChannel, type ChunkLayout, channelRows, type Decompress } from "../chunks/layout.ts"
import { blockCount, type Coefficients, type LossyPlane, unpackPlanes } from "./dwa-blocks.ts"
import { LEGACY_RULES, type Plan, planOf, readRules, type Scheme } from "./dwa-rules.ts"
import { unpackHuffman } from "./piz-huffman.ts"
import { unpackRuns } from "./rle.ts"
import { inflateTo } from "./zip.ts"

/** Coefficients of a block beside its mean. */
const AC_PER_BLOCK = 63

/** What a chunk holds, unpacked but not yet samples in their places. */
type ChunkContents = { readonly plain: Uint8Array; readonly runs: Uint8Array; readonly coefficients: Coefficients }

/**
 * DWAA and DWAB: colour and luminance as quantised cosine coefficients, alpha in runs, all else by zlib. The format is
 * that of OpenEXR's internal_dwa_*.h, versions 0 to 2.
 */
export const decompressDwa: Decompress = (chunk, layout) => {
  const counters = readCounters(chunk)
  if (counters === null) return null
  const behind = chunk.subarray(COUNTERS_BYTES)
  const read = counters.version < 2 ? { rules: LEGACY_RULES, sizeBytes: 0 } : readRules(behind)
  const sections = read === null ? null : cutSections(behind.subarray(read.sizeBytes), counters)
  if (read === null || sections === null) return null
  const plan = planOf(read.rules, layout.channels)
  if (!isPossible(plan, layout.channels)) return null
  const contents = contentsOf(sections, counters, { plan, channels: layout.channels })
  return contents === null ? null : placeSamples(contents, plan, layout)
}

/** Lossy samples are halves, or floats made of them; colours of three channels are lossy. */
const isPossible = ({ schemes, colours }: Plan, channels: readonly ChunkChannel[]): boolean =>
  channels.every(({ pixelType }, index) => schemes[index] !== "lossy" || pixelType !== "uint") &&
  colours.flat().every((index) => schemes[index] === "lossy")

type PlannedChannels = { readonly plan: Plan; readonly channels: readonly ChunkChannel[] }

function contentsOf(sections: Sections, counters: Counters, planned: PlannedChannels): ChunkContents | null {
  const blocks = sumOf(planned, "lossy", blockCount)
  const plain = unpackPlain(sections, counters, sumOf(planned, "plain", sizeOf))
  const runs = unpackRunBytes(sections, counters, sumOf(planned, "runs", sizeOf))
  const dc = unpackMeans(sections, counters, blocks)
  const ac = unpackAc(sections, counters, blocks * AC_PER_BLOCK)
  if (plain === null || runs === null || dc === null || ac === null) return null
  return { plain, runs, coefficients: { ac, acCount: counters.acCount, dc, acAt: 0, dcAt: 0 } }
}

const sizeOf = ({ columns, rows, sampleBytes }: ChunkChannel): number => columns * rows * sampleBytes

const sumOf = ({ plan, channels }: PlannedChannels, scheme: Scheme, of: (channel: ChunkChannel) => number): number =>
  channels.reduce((sum, channel, index) => sum + (plan.schemes[index] === scheme ? of(channel) : 0), 0)

/** Lossy planes three by three first, then each by itself; all others in the channels' order. */
function placeSamples(contents: ChunkContents, { schemes, colours }: Plan, layout: ChunkLayout): Uint8Array | null {
  const out = new Uint16Array(layout.sizeBytes / 2)
  const bytes = new Uint8Array(out.buffer)
  const starts = channelRows(layout)
  const planes = layout.channels.map(
    (channel, index): LossyPlane => ({ channel, rowStarts: starts[index] ?? new Int32Array(0) }),
  )
  const together = new Set(colours.flat())
  const alone = planes.filter((_, index) => schemes[index] === "lossy" && !together.has(index))
  const lossy = [...colours.map((three) => three.flatMap((index) => planes[index] ?? [])), ...alone.map((one) => [one])]
  if (!lossy.every((group) => unpackPlanes(group, contents.coefficients, out))) return null
  placeAll(planes, contents.plain, (index) => schemes[index] === "plain", placePlain(bytes))
  placeAll(planes, contents.runs, (index) => schemes[index] === "runs", placeSplit(bytes))
  return bytes
}

type PlaceSamples = (plane: LossyPlane, samples: Uint8Array) => void

function placeAll(
  planes: readonly LossyPlane[],
  samples: Uint8Array,
  isMeant: (index: number) => boolean,
  place: PlaceSamples,
): void {
  let at = 0
  for (const [index, plane] of planes.entries()) {
    if (!isMeant(index)) continue
    const end = at + sizeOf(plane.channel)
    place(plane, samples.subarray(at, end))
    at = end
  }
}

/** Rows of samples as they are. */
const placePlain =
  (out: Uint8Array): PlaceSamples =>
  ({ channel, rowStarts }, samples) => {
    const rowBytes = channel.columns * channel.sampleBytes
    rowStarts.forEach((start, row) => {
      out.set(samples.subarray(row * rowBytes, (row + 1) * rowBytes), start * 2)
    })
  }

/** The first bytes of all samples, then the second ones, and so on. */
const placeSplit =
  (out: Uint8Array): PlaceSamples =>
  ({ channel, rowStarts }, samples) => {
    const { columns, sampleBytes } = channel
    const planeBytes = samples.length / sampleBytes
    rowStarts.forEach((start, row) => {
      for (let at = 0; at < columns * sampleBytes; at++) {
        const column = Math.floor(at / sampleBytes)
        out[start * 2 + at] = samples[(at % sampleBytes) * planeBytes + row * columns + column] as number
      }
    })
  }

/** Eleven counters of 64 bits stand before everything else. */
const COUNTERS_BYTES = 11 * 8
/** A run of one word is the shortest that a bit can stand for: coefficients that promise more are not worth memory. */
const WORDS_PER_BIT = 256
/** The Huffman decoder writes two words at a time. */
const MARGIN_WORDS = 4
/** Coding in runs at its worst. */
const RUN_BYTES_PER_BYTE = 2

/** What a DWA chunk says of itself; numbers that no chunk can have are larger than any chunk, or infinite. */
type Counters = {
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
function readCounters(chunk: Uint8Array): Counters | null {
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
type Sections = {
  readonly plain: Uint8Array
  readonly ac: Uint8Array
  readonly dc: Uint8Array
  readonly runs: Uint8Array
}

/** Cuts what lies behind counters and rules; null where it is less than the counters say. */
function cutSections(bytes: Uint8Array, counters: Counters): Sections | null {
  const ac = counters.plainPackedBytes
  const dc = ac + counters.acPackedBytes
  const runs = dc + counters.dcPackedBytes
  const end = runs + counters.runsPackedBytes
  if (end > bytes.length) return null
  const cut = (from: number, to: number): Uint8Array => bytes.subarray(from, to)
  return { plain: cut(0, ac), ac: cut(ac, dc), dc: cut(dc, runs), runs: cut(runs, end) }
}

/** Samples stored as they are; `sizeBytes` is what the channels need. */
function unpackPlain({ plain }: Sections, counters: Counters, sizeBytes: number): Uint8Array | null {
  if (sizeBytes === 0) return new Uint8Array(0)
  return counters.plainBytes === sizeBytes ? inflateTo(plain, sizeBytes) : null
}

/** Samples stored in runs: the first bytes of all samples, then the second ones; `sizeBytes` is what the channels need. */
function unpackRunBytes({ runs }: Sections, counters: Counters, sizeBytes: number): Uint8Array | null {
  if (sizeBytes === 0) return new Uint8Array(0)
  if (counters.runsRawBytes !== sizeBytes || counters.runsBytes > sizeBytes * RUN_BYTES_PER_BYTE) return null
  const packed = inflateTo(runs, counters.runsBytes)
  const raw = new Uint8Array(sizeBytes)
  return packed !== null && unpackRuns(packed, raw) === sizeBytes ? raw : null
}

/** The mean of each block, as a half: zlib's, even bytes before odd ones, and of that the differences plus 128. */
function unpackMeans({ dc }: Sections, counters: Counters, blocks: number): Uint16Array | null {
  if (counters.dcCount !== blocks) return null
  const split = blocks === 0 ? new Uint8Array(0) : inflateTo(dc, blocks * 2)
  if (split === null) return null
  for (let at = 1; at < split.length; at++) split[at] = (split[at - 1] as number) + (split[at] as number) - 128
  return Uint16Array.from({ length: blocks }, (_, at) => (split[at] as number) | ((split[blocks + at] as number) << 8))
}

/** The other coefficients as halves and runs of zeros: at most `most`, with a margin behind them. */
function unpackAc({ ac }: Sections, { acCount, acCoding }: Counters, most: number): Uint16Array | null {
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
