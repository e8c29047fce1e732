import { done, failed, failure, type Result } from "../../../../events/result.ts"
import { chunkCount, linesPerChunk } from "../../../read/header/exr-values.ts"
import { boxWidth, type HeaderPart, type PictureHeader } from "../../../read/header/model.ts"
import type { ByteSource } from "../../index.ts"

/** Where the chunks of one part begin in the file: scan lines from the top down, tiles row by row, in any line order. */
export type OffsetTable = {
  readonly part: number
  /** Bytes from the file's start; those of the full size lie between the tables' end and the file's end. */
  readonly offsets: Float64Array
  /** Every chunk begins with the number of its part. */
  readonly isMultiPart: boolean
}

const ENTRY_BYTES = 8
const ENTRIES_PER_READ = 8192
const VERSION_OFFSET = 4
const MULTI_PART_FLAG = 0x1000

type TableRequest = { readonly header: PictureHeader; readonly part: number; readonly limitBytes: number }

/**
 * The offset table of one part. Entries that were never written (zeros) or point outside the chunks are found by walking
 * through the file, as OpenEXR does. Fails: picture/damaged where a chunk is not there either, picture/over-limit.
 */
export function readOffsetTable(bytes: ByteSource, { header, part, limitBytes }: TableRequest): Result<OffsetTable> {
  const counts = header.parts.map(agreedCount)
  const count = counts[part]
  if (count === undefined || counts.includes(null) || count === null)
    return damaged("The number of chunks that a part states is not the one that its windows need.")
  if (count * ENTRY_BYTES > limitBytes)
    return failed(failure("picture/over-limit", `The offset table of part ${part} has ${count} entries.`))
  const tables = headerBytes(header)
  const start = tables + ENTRY_BYTES * sum(counts.slice(0, part))
  const end = tables + ENTRY_BYTES * sum(counts)
  const version = viewOf(bytes.readAt(VERSION_OFFSET, 4))
  if (end > bytes.sizeBytes || version.byteLength < 4) return damaged("The file ends inside its offset table.")
  const isMultiPart = (version.getUint32(0, true) & MULTI_PART_FLAG) !== 0
  const offsets = readEntries(bytes, start, count)
  const table = { part, offsets, isMultiPart }
  const isBroken = (offset: number): boolean => !(offset >= end && offset < bytes.sizeBytes)
  if (!offsets.some(isBroken)) return done(table)
  const walked = walkChunks(bytes, { parts: header.parts, isMultiPart, start: end, most: sum(counts) }, part)
  const repaired = offsets.map((offset, index) => (isBroken(offset) ? (walked.get(index) ?? 0) : offset))
  const lost = repaired.subarray(0, fullSizeCount(header.parts[part], count)).indexOf(0)
  if (lost < 0) return done({ ...table, offsets: repaired })
  const said = `is said to begin at byte ${offsets[lost]} of ${bytes.sizeBytes}`
  return damaged(`Chunk ${lost} of part ${part} ${said}, and lies nowhere else in the file.`)
}

/** Entries of the full size, which stand first: of a mip- or rip-map no other is read. */
function fullSizeCount(part: HeaderPart | undefined, count: number): number {
  if (part?.tiles == null) return count
  return chunkCount({ ...part, tiles: { ...part.tiles, levelMode: "one-level" } }) ?? count
}

/** Entries of a part's table; null where the file contradicts itself. */
function agreedCount(part: HeaderPart): number | null {
  const computed = chunkCount(part)
  if (part.chunkCount !== null && computed !== null && part.chunkCount !== computed) return null
  return computed ?? part.chunkCount
}

const headerBytes = ({ spans }: PictureHeader): number =>
  Math.max(...spans.map(({ offset, lengthBytes }) => offset + lengthBytes))

const sum = (counts: readonly (number | null)[]): number =>
  counts.reduce<number>((total, count) => total + (count ?? 0), 0)

/** Entries that the file ends before are 0, which no chunk begins at. */
function readEntries(bytes: ByteSource, start: number, count: number): Float64Array {
  const offsets = new Float64Array(count)
  for (let first = 0; first < count; first += ENTRIES_PER_READ) {
    const wanted = Math.min(ENTRIES_PER_READ, count - first)
    const view = viewOf(bytes.readAt(start + first * ENTRY_BYTES, wanted * ENTRY_BYTES))
    const found = Math.min(wanted, Math.floor(view.byteLength / ENTRY_BYTES))
    for (let index = 0; index < found; index++) {
      const [low, high] = [view.getUint32(index * ENTRY_BYTES, true), view.getUint32(index * ENTRY_BYTES + 4, true)]
      offsets[first + index] = low + high * 2 ** 32
    }
  }
  return offsets
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Where chunks lie behind the offset tables, and how many there may be. */
type ChunkWalk = {
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
function walkChunks(bytes: ByteSource, walk: ChunkWalk, wanted: number): ReadonlyMap<number, number> {
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
function leaderAt(bytes: ByteSource, { parts, isMultiPart }: ChunkWalk, at: number): Leader | null {
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

/** The file contradicts itself or ends early. */
export const damaged = (says: string): ReturnType<typeof failed> => failed(failure("picture/damaged", says))
