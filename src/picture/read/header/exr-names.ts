import type { Tiles } from "../../../events/records.generated.ts"
import { boxHeight, boxWidth, type HeaderPart } from "./model.ts"

/** Compression by its byte in the file; names as OpenEXR and oiiotool print them. 10 and up exist since OpenEXR 3.4. */
const COMPRESSIONS: Readonly<Record<number, { readonly name: string; readonly linesPerChunk: number | null }>> = {
  0: { name: "none", linesPerChunk: 1 },
  1: { name: "rle", linesPerChunk: 1 },
  2: { name: "zips", linesPerChunk: 1 },
  3: { name: "zip", linesPerChunk: 16 },
  4: { name: "piz", linesPerChunk: 32 },
  5: { name: "pxr24", linesPerChunk: 16 },
  6: { name: "b44", linesPerChunk: 32 },
  7: { name: "b44a", linesPerChunk: 32 },
  8: { name: "dwaa", linesPerChunk: 32 },
  9: { name: "dwab", linesPerChunk: 256 },
  10: { name: "htj2k256", linesPerChunk: 256 },
  11: { name: "htj2k32", linesPerChunk: 32 },
  12: { name: "lj2k", linesPerChunk: 256 },
  13: { name: "zstd", linesPerChunk: null },
}

/** Name of a compression byte; `unknown (n)` where this version knows none. */
export const exrCompressionName = (code: number): string => COMPRESSIONS[code]?.name ?? `unknown (${code})`

/** Scan lines that one chunk holds; null where it is not known. */
export const linesPerChunk = (name: string): number | null =>
  Object.values(COMPRESSIONS).find((compression) => compression.name === name)?.linesPerChunk ?? null

const nameOf =
  (names: readonly string[]) =>
  (code: number): string =>
    names[code] ?? `unknown (${code})`

export const pixelTypeName = nameOf(["uint", "half", "float"])
export const lineOrderName = nameOf(["increasing", "decreasing", "random"])
export const envmapName = nameOf(["latlong", "cube"])
export const levelModeName = nameOf(["one-level", "mipmap", "ripmap"])
export const roundingModeName = nameOf(["down", "up"])
export const deepImageStateName = nameOf(["messy", "sorted", "non-overlapping", "tidy"])

type Chunked = Pick<HeaderPart, "dataWindow" | "compression" | "tiles">

/** Entries of a part's offset table, computed from its windows; null where the compression's chunks are not known. */
export function chunkCount({ dataWindow, compression, tiles }: Chunked): number | null {
  const [width, height] = [boxWidth(dataWindow), boxHeight(dataWindow)]
  if (tiles !== null) return tileCount(width, height, tiles)
  const lines = linesPerChunk(compression)
  return lines === null ? null : Math.ceil(height / lines)
}

function tileCount(width: number, height: number, tiles: Tiles): number {
  const across = levelSizes(width, tiles).map((size) => Math.ceil(size / tiles.width))
  const down = levelSizes(height, tiles).map((size) => Math.ceil(size / tiles.height))
  if (tiles.levelMode === "ripmap") return sum(across) * sum(down)
  if (tiles.levelMode !== "mipmap") return (across[0] ?? 0) * (down[0] ?? 0)
  const levels = Math.max(across.length, down.length)
  return sum(Array.from({ length: levels }, (_, level) => (across[level] ?? 1) * (down[level] ?? 1)))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Sizes of the levels of one axis, full size first, down to 1 pixel. */
function levelSizes(size: number, { roundingMode }: Tiles): readonly number[] {
  const round = roundingMode === "up" ? Math.ceil : Math.floor
  const sizes = [size]
  for (let level = 1; (sizes.at(-1) ?? 1) > 1; level += 1) sizes.push(Math.max(1, round(size / 2 ** level)))
  return sizes
}
