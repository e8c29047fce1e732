import { channelRows } from "./channel-rows.ts"
import type { ChunkChannel, ChunkLayout, Decompress } from "./chunk-layout.ts"
import { blockCount, type Coefficients, type LossyPlane, unpackPlanes } from "./dwa-blocks.ts"
import { LEGACY_RULES, type Plan, planOf, readRules, type Scheme } from "./dwa-rules.ts"
import {
  COUNTERS_BYTES,
  type Counters,
  cutSections,
  readCounters,
  type Sections,
  unpackAc,
  unpackMeans,
  unpackPlain,
  unpackRunBytes,
} from "./dwa-sections.ts"

/** Coefficients of a block beside its mean. */
const AC_PER_BLOCK = 63

/** What a chunk holds, unpacked but not yet samples in their places. */
type Contents = { readonly plain: Uint8Array; readonly runs: Uint8Array; readonly coefficients: Coefficients }

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

type Planned = { readonly plan: Plan; readonly channels: readonly ChunkChannel[] }

function contentsOf(sections: Sections, counters: Counters, planned: Planned): Contents | null {
  const blocks = sumOf(planned, "lossy", blockCount)
  const plain = unpackPlain(sections, counters, sumOf(planned, "plain", sizeOf))
  const runs = unpackRunBytes(sections, counters, sumOf(planned, "runs", sizeOf))
  const dc = unpackMeans(sections, counters, blocks)
  const ac = unpackAc(sections, counters, blocks * AC_PER_BLOCK)
  if (plain === null || runs === null || dc === null || ac === null) return null
  return { plain, runs, coefficients: { ac, acCount: counters.acCount, dc, acAt: 0, dcAt: 0 } }
}

const sizeOf = ({ columns, rows, sampleBytes }: ChunkChannel): number => columns * rows * sampleBytes

const sumOf = ({ plan, channels }: Planned, scheme: Scheme, of: (channel: ChunkChannel) => number): number =>
  channels.reduce((sum, channel, index) => sum + (plan.schemes[index] === scheme ? of(channel) : 0), 0)

/** Lossy planes three by three first, then each by itself; all others in the channels' order. */
function placeSamples(contents: Contents, { schemes, colours }: Plan, layout: ChunkLayout): Uint8Array | null {
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

type Place = (plane: LossyPlane, samples: Uint8Array) => void

function placeAll(
  planes: readonly LossyPlane[],
  samples: Uint8Array,
  isMeant: (index: number) => boolean,
  place: Place,
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
  (out: Uint8Array): Place =>
  ({ channel, rowStarts }, samples) => {
    const rowBytes = channel.columns * channel.sampleBytes
    rowStarts.forEach((start, row) => {
      out.set(samples.subarray(row * rowBytes, (row + 1) * rowBytes), start * 2)
    })
  }

/** The first bytes of all samples, then the second ones, and so on. */
const placeSplit =
  (out: Uint8Array): Place =>
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
