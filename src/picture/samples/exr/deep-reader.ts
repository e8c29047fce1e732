import type { Selection } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, SampleReader, SampleRow } from "../index.ts"
import type { ChunkLayout } from "./chunks/layout.ts"
import { damaged, readOffsetTable } from "./chunks/offset-table.ts"
import { type Target, targetOf } from "./compression/sample-stream.ts"
import { openUnpack, type Unpack } from "./compression/unpack.ts"

/** Bytes that the samples of one row, and a part's offset table, may take. */
const LIMIT_BYTES = 256 * 2 ** 20

/** What OpenEXR packs deep samples with, one line a chunk. */
const COMPRESSIONS: ReadonlySet<string> = new Set(["none", "rle", "zips"])

/** Whether `openDeepReader` reads a part. */
export const isReadDeep = ({ deep, tiles, compression }: HeaderPart): boolean =>
  deep && tiles === null && COMPRESSIONS.has(compression)

/**
 * Reads deep scan lines flattened: each pixel's samples, nearest first, one over the other. What an alpha channel lacks is
 * opaque. It holds one row. Fails: picture/unsupported, picture/damaged, picture/over-limit.
 */
export function openDeepReader(
  bytes: ByteSource,
  header: PictureHeader,
  selection: Pick<Selection, "part" | "channels">,
): Result<SampleReader> {
  const part = header.parts[selection.part]
  if (part === undefined || !isReadDeep(part))
    return failed(failure("picture/unsupported", "Deep samples of this kind are not read here."))
  const table = readOffsetTable(bytes, { header, part: part.index, limitBytes: LIMIT_BYTES })
  if (!table.ok) return table
  const [width, height] = [boxWidth(part.dataWindow), boxHeight(part.dataWindow)]
  const { offsets, isMultiPart } = table.value
  const unpack = openUnpack(part.compression)
  const flatten = flattener(part, selection.channels, width)
  return done({
    width,
    height,
    readRows(rows, visit) {
      for (let row = rows.first; row <= Math.min(rows.last, height - 1); row++) {
        const leaderAt = (offsets[row] ?? 0) + (isMultiPart ? 4 : 0)
        const line = readLine({ bytes, part, unpack, leaderAt, y: part.dataWindow.yMin + row })
        if (line === null) return damaged(`The deep samples of line ${part.dataWindow.yMin + row} cannot be read.`)
        visit(row, flatten(line))
      }
      return done(undefined)
    },
  })
}

/** Samples of a row by channel, and how many there are up to and with each pixel. */
type DeepLine = { readonly ends: Int32Array; readonly samples: readonly Float32Array[] }

type DeepLineSource = {
  readonly bytes: ByteSource
  readonly part: HeaderPart
  readonly unpack: Unpack
  /** Byte of the line's y, behind the part's number. */
  readonly leaderAt: number
  readonly y: number
}

/** Line, y and three sizes: of the packed counts, of the packed samples and of these unpacked. */
const LEADER_BYTES = 4 + 3 * 8

function readLine({ bytes, part, unpack, leaderAt, y }: DeepLineSource): DeepLine | null {
  const leader = bytes.readAt(leaderAt, LEADER_BYTES)
  if (leader.length < LEADER_BYTES) return null
  const view = new DataView(leader.buffer, leader.byteOffset, leader.length)
  const [countBytes, packedBytes, sampleBytes] = [4, 12, 20].map((at) => Number(view.getBigUint64(at, true))) as Sizes
  const width = boxWidth(part.dataWindow)
  const isBelieved = countBytes <= width * 4 && packedBytes <= sampleBytes && sampleBytes <= LIMIT_BYTES
  if (view.getInt32(0, true) !== y || !isBelieved) return null
  const countsAt = leaderAt + LEADER_BYTES
  const counts = unpack(bytes.readAt(countsAt, countBytes), layoutOf(width * 4))
  if (counts === null) return null
  const ends = targetOf(new Float32Array(width))
  counts.take("float", width, ends, 0)
  if (!ends.bits.every((end, at) => end >= (ends.bits[at - 1] ?? 0))) return null
  const total = ends.bits[width - 1] ?? 0
  const perSample = part.channels.reduce((sum, { pixelType }) => sum + (pixelType === "half" ? 2 : 4), 0)
  if (total * perSample !== sampleBytes) return null
  const packed = unpack(bytes.readAt(countsAt + countBytes, packedBytes), layoutOf(sampleBytes))
  if (packed === null) return null
  const samples = part.channels.map(({ pixelType }): Target => {
    const target = targetOf(new Float32Array(total))
    packed.take(pixelType, total, target, 0)
    return target
  })
  return { ends: ends.bits, samples: samples.map(({ floats }) => floats) }
}

type Sizes = [countBytes: number, packedBytes: number, sampleBytes: number]

/** Of what the compressions of deep samples ask for the size alone. */
const layoutOf = (sizeBytes: number): ChunkLayout => ({
  ...{ sizeBytes, firstX: 0, firstY: 0, rows: 1, columns: 0, channels: [] },
})

function flattener(part: HeaderPart, shown: readonly string[], width: number): (line: DeepLine) => SampleRow {
  const indexOf = (name: string): number => part.channels.findIndex((channel) => channel.name === name)
  const [prefix = ""] = /^.*\./.exec(shown[0] ?? "") ?? []
  const first = (...names: readonly string[]): number => names.map(indexOf).find((index) => index >= 0) ?? -1
  const [alphaAt, depthAt] = [first(`${prefix}A`, `${prefix}a`, "A", "a"), first(`${prefix}Z`, "Z")]
  const colours = shown.map(indexOf)
  const rows = colours.map(() => new Float32Array(width))
  return ({ ends, samples }) => {
    const [alpha, depth] = [samples[alphaAt], samples[depthAt]]
    for (let x = 0; x < width; x++) {
      const [start, end] = [ends[x - 1] ?? 0, ends[x] ?? 0]
      const order = Array.from({ length: end - start }, (_, at) => start + at)
      if (depth !== undefined) order.sort((a, b) => (depth[a] as number) - (depth[b] as number))
      const left = order.map(() => 0)
      let through = 1
      order.forEach((sample, at) => {
        left[at] = through
        through *= 1 - (alpha?.[sample] ?? 1)
      })
      rows.forEach((row, colour) => {
        const values = samples[colours[colour] ?? -1]
        row[x] = order.reduce((sum, sample, at) => sum + (left[at] as number) * (values?.[sample] ?? 0), 0)
      })
    }
    return rows as unknown as SampleRow
  }
}
