import type { Tiles } from "../../../events/records.generated.ts"
import { linesPerChunk } from "./exr-names.ts"
import { boxHeight, boxWidth, type HeaderPart } from "./model.ts"

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
