import { linesPerChunk } from "../../read/header/exr-names.ts"
import { boxWidth, type HeaderPart } from "../../read/header/model.ts"
import type { ByteSource } from "../index.ts"

/** Where chunks lie behind the offset tables, and how many there may be. */
export type Walk = {
  readonly parts: readonly HeaderPart[]
  readonly isMultiPart: boolean
  /** Byte behind the last offset table, where the first chunk begins. */
  readonly start: number
  /** Chunks that all parts together have. */
  readonly most: number
}

/** Part, column, row, two levels, and the three sizes of a deep chunk. */
const LONGEST_LEADER_BYTES = 5 * 4 + 3 * 8

/**
 * Offsets of one part's chunks by their index in the offset table (of several levels those of the full size), found by
 * going from chunk to chunk through the file: what OpenEXR does where a table was never written, because its writer ended
 * early. It ends where a chunk does not lie whole in the file, and after as many chunks as there can be.
 */
export function walkChunks(bytes: ByteSource, walk: Walk, wanted: number): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  let at = walk.start
  for (let chunk = 0; chunk < walk.most; chunk++) {
    const leader = leaderAt(bytes, walk, at)
    if (leader === null || leader.end > bytes.sizeBytes) break
    const part = walk.parts[leader.part]
    const index = leader.part === wanted && part !== undefined ? indexOf(part, leader.place) : null
    if (index !== null && !found.has(index)) found.set(index, at)
    at = leader.end
  }
  return found
}

type Leader = { readonly part: number; readonly place: readonly number[]; readonly end: number }

/** The leader of a chunk; null where there is none. */
function leaderAt(bytes: ByteSource, { parts, isMultiPart }: Walk, at: number): Leader | null {
  const read = bytes.readAt(at, LONGEST_LEADER_BYTES)
  const view = new DataView(read.buffer, read.byteOffset, read.byteLength)
  const number = isMultiPart && view.byteLength >= 4 ? view.getInt32(0, true) : 0
  const part = parts[number]
  if (part === undefined) return null
  const placeAt = isMultiPart ? 4 : 0
  const places = part.tiles === null ? 1 : 4
  const sizesAt = placeAt + places * 4
  const dataAt = sizesAt + (part.deep ? 24 : 4)
  if (view.byteLength < dataAt) return null
  const place = Array.from({ length: places }, (_, index) => view.getInt32(placeAt + index * 4, true))
  const size = part.deep
    ? Number(view.getBigUint64(sizesAt, true)) + Number(view.getBigUint64(sizesAt + 8, true))
    : view.getInt32(sizesAt, true)
  return size < 0 ? null : { part: number, place, end: at + dataAt + size }
}

/** Index of the chunk at a place; null for smaller levels and places that the part does not have. */
function indexOf({ dataWindow, compression, tiles }: HeaderPart, place: readonly number[]): number | null {
  const [first = 0, row = 0, ...levels] = place
  if (tiles === null) {
    const index = (first - dataWindow.yMin) / (linesPerChunk(compression) ?? 1)
    return Number.isInteger(index) && index >= 0 ? index : null
  }
  const across = Math.ceil(boxWidth(dataWindow) / tiles.width)
  const isThere = first >= 0 && first < across && row >= 0 && levels.every((level) => level === 0)
  return isThere ? row * across + first : null
}
