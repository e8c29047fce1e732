import type { Box, Channel } from "../../../../events/records.generated.ts"
import { exrCompressionName, linesPerChunk } from "../../../read/header/exr-values.ts"
import { exrFile, ints, joined, type MadeAttribute, string } from "../../../read/header/testing/exr-file.ts"
import { type ChunkLayout, chunkLayout } from "../chunks/layout.ts"
import { packed } from "./packed.ts"

/** A channel and the bits of all its samples, row after row. */
export type WrittenChannel = Omit<Channel, "perceptuallyLinear"> & { readonly samples: Uint32Array }

export type WrittenPart = {
  readonly channels: readonly WrittenChannel[]
  readonly dataWindow: Box
  /** none, rle, zips, zip or piz. */
  readonly compression: string
  readonly tiles: WrittenTiles | null
  /** Added to the header; one of the same name replaces what follows from the rest. */
  readonly attributes?: readonly MadeAttribute[]
}

/** Smaller levels hold the top left corner of the full size. */
type WrittenTiles = { readonly width: number; readonly height: number; readonly levels?: "mipmap" | "ripmap" }

export type WrittenExr = {
  readonly parts: readonly WrittenPart[]
  /** Multi-part even where it has one part. */
  readonly isMultiPart: boolean
  /** Chunk of each part that comes next in the file, and so on: any permutation of them all, by their index. */
  readonly order: (chunks: number) => readonly number[]
}

const TYPES = ["uint", "half", "float"]
const COMPRESSIONS = Array.from({ length: 5 }, (_, code) => exrCompressionName(code))
const LEVEL_MODES = [undefined, "mipmap", "ripmap"]
const TILED = 0x200
const MULTI_PART = 0x1000

/** A whole EXR with its pixels: headers, offset tables, and the chunks of all parts in the order asked for. */
export function writtenExr({ parts, isMultiPart, order }: WrittenExr): Uint8Array {
  const isTiled = !isMultiPart && parts[0]?.tiles !== null
  const flags = (isMultiPart ? MULTI_PART : 0) | (isTiled ? TILED : 0)
  const made = parts.map((part, index) => ({
    channels: [],
    dataWindow: part.dataWindow,
    displayWindow: parts[0]?.dataWindow ?? part.dataWindow,
    compression: COMPRESSIONS.indexOf(part.compression),
    attributes: [channelList(part.channels), ...partAttributes(part, index, isMultiPart), ...(part.attributes ?? [])],
  }))
  const header = exrFile({ flags, parts: made, tailBytes: 0 })
  const chunks = parts.flatMap((part, index) => partChunks(part, isMultiPart ? index : null))
  const tables = new Uint8Array(chunks.length * 8)
  const pieces = [header, tables]
  let at = header.length + tables.length
  for (const index of order(chunks.length)) {
    const bytes = chunks[index] ?? new Uint8Array(0)
    new DataView(tables.buffer).setBigUint64(index * 8, BigInt(at), true)
    pieces.push(bytes)
    at += bytes.length
  }
  return joined(pieces)
}

function channelList(channels: readonly WrittenChannel[]): MadeAttribute {
  const entries = channels.map(({ name, pixelType, xSampling, ySampling }) =>
    joined([
      new TextEncoder().encode(`${name}\0`),
      ints(TYPES.indexOf(pixelType)),
      Uint8Array.of(0, 0, 0, 0),
      ints(xSampling, ySampling),
    ]),
  )
  return ["channels", "chlist", joined([...entries, Uint8Array.of(0)])]
}

function partAttributes(part: WrittenPart, index: number, isMultiPart: boolean): readonly MadeAttribute[] {
  const { tiles } = part
  const type = tiles === null ? "scanlineimage" : "tiledimage"
  const described: readonly MadeAttribute[] =
    tiles === null
      ? []
      : [
          [
            "tiles",
            "tiledesc",
            joined([ints(tiles.width, tiles.height), Uint8Array.of(LEVEL_MODES.indexOf(tiles.levels))]),
          ],
        ]
  const named: readonly MadeAttribute[] = [
    string("name", `part${index}`),
    string("type", type),
    ["chunkCount", "int", ints(places(part).length)],
  ]
  return isMultiPart ? [...described, ...named] : described
}

type ChunkPlace = { readonly place: readonly number[]; readonly box: Box }

/** What stands in each chunk's leader, and what it covers, in the offset table's order. */
function places(part: WrittenPart): readonly ChunkPlace[] {
  const { dataWindow, tiles } = part
  if (tiles?.levels === undefined) return levelPlaces(part, dataWindow, [0, 0])
  const sizes = (first: number, last: number): readonly number[] => {
    const [count, size] = [Math.floor(Math.log2(last - first + 1)) + 1, last - first + 1]
    return Array.from({ length: count }, (_, level) => first + Math.max(1, Math.floor(size / 2 ** level)) - 1)
  }
  const [across, down] = [sizes(dataWindow.xMin, dataWindow.xMax), sizes(dataWindow.yMin, dataWindow.yMax)]
  const most = Math.max(across.length, down.length)
  const levels =
    tiles.levels === "mipmap"
      ? Array.from({ length: most }, (_, level) => [level, level] as const)
      : down.flatMap((_, y) => across.map((__, x) => [x, y] as const))
  return levels.flatMap(([x, y]) => {
    const xMax = across[Math.min(x, across.length - 1)] ?? 0
    return levelPlaces(part, { ...dataWindow, xMax, yMax: down[Math.min(y, down.length - 1)] ?? 0 }, [x, y])
  })
}

function levelPlaces(
  { compression, tiles }: WrittenPart,
  window: Box,
  level: readonly number[],
): readonly ChunkPlace[] {
  const lines = tiles?.height ?? linesPerChunk(compression) ?? 1
  const columns = tiles?.width ?? window.xMax - window.xMin + 1
  const found: ChunkPlace[] = []
  for (let y = window.yMin, row = 0; y <= window.yMax; y += lines, row++) {
    for (let x = window.xMin, column = 0; x <= window.xMax; x += columns, column++) {
      const xMax = Math.min(window.xMax, x + columns - 1)
      const box = { xMin: x, yMin: y, xMax, yMax: Math.min(window.yMax, y + lines - 1) }
      found.push({ place: tiles === null ? [y] : [column, row, ...level], box })
    }
  }
  return found
}

function partChunks(part: WrittenPart, partNumber: number | null): readonly Uint8Array[] {
  const channels = part.channels.map((channel) => ({ ...channel, perceptuallyLinear: false }))
  return places(part).map(({ place, box }) => {
    const layout = chunkLayout(channels, box)
    const bytes = packed(part.compression, unpackedBytes(part, layout), layout)
    return joined([ints(...(partNumber === null ? [] : [partNumber]), ...place, bytes.length), bytes])
  })
}

/** The samples of a chunk as the layout says: row after row, channel after channel. */
function unpackedBytes(
  { channels, dataWindow }: WrittenPart,
  { firstX, firstY, rows, columns }: ChunkLayout,
): Uint8Array {
  const bytes: number[] = []
  for (let y = firstY; y < firstY + rows; y++) {
    for (const { pixelType, xSampling, ySampling, samples } of channels) {
      const pitch = (dataWindow.xMax - dataWindow.xMin + 1) / xSampling
      for (let x = firstX; x < firstX + columns; x++) {
        if (x % xSampling !== 0 || y % ySampling !== 0) continue
        const [row, column] = [(y - dataWindow.yMin) / ySampling, (x - dataWindow.xMin) / xSampling]
        const bits = samples[row * pitch + column] ?? 0
        bytes.push(bits & 255, (bits >>> 8) & 255)
        if (pixelType !== "half") bytes.push((bits >>> 16) & 255, bits >>> 24)
      }
    }
  }
  return Uint8Array.from(bytes)
}

type FlatPart = Partial<Omit<WrittenPart, "channels">> & {
  readonly names?: readonly string[]
  readonly pixelType?: string
  readonly sampling?: number
}

/** A part whose sample number n of channel number c has the bits n + 1000 c; 24x40 pixels where nothing else is said. */
export function countingPart({
  names = ["B", "G", "R"],
  pixelType = "half",
  sampling = 1,
  ...rest
}: FlatPart): WrittenPart {
  const dataWindow = rest.dataWindow ?? { xMin: 0, yMin: 0, xMax: 23, yMax: 39 }
  const [width, height] = [dataWindow.xMax - dataWindow.xMin + 1, dataWindow.yMax - dataWindow.yMin + 1]
  const channels = names.map((name, index) => ({
    name,
    pixelType,
    xSampling: sampling,
    ySampling: sampling,
    samples: Uint32Array.from({ length: (width * height) / sampling ** 2 }, (_, at) => at + 1000 * index),
  }))
  return { channels, dataWindow, compression: rest.compression ?? "zip", tiles: rest.tiles ?? null }
}

/** One part, stored from the top down. */
export const single = (part: WrittenPart): WrittenExr => ({
  parts: [part],
  isMultiPart: false,
  order: (chunks) => Array.from({ length: chunks }, (_, index) => index),
})
