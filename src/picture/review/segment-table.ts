// What a review copy says of its own segments, in a box of the file that players pass over: a later copy takes over those
// that are still what it wants.

import { done, type Result } from "../../events/result.ts"
import { box } from "../encode/mp4/boxes.ts"
import { TIMECODE_BYTES } from "../encode/mp4/tracks.ts"

/** A segment as it lies in the file. */
export type StoredSegment = {
  /** Names all that decided its pictures. */
  readonly key: string
  /** First 32 hex digits of the sha256 of its bytes: what lies there may be another's by now. */
  readonly hash: string
  /** Sizes of its samples, bytes. */
  readonly samples: readonly number[]
}

export type SegmentTable = {
  /** Configuration of the decoder, hex. */
  readonly avcC: string
  readonly segments: readonly StoredSegment[]
}

/** Such a type is a UUID (ISO 14496-12, 4.2): v5 of the namespace DNS and `review-segments.oiio.proxy`. */
const TYPE = Buffer.from("249bc3b94e085cd6a6edfd6f3f54a451", "hex")

export const segmentTableBox = (table: SegmentTable): Buffer => box("uuid", TYPE, Buffer.from(JSON.stringify(table)))

/** A table, and where the first of its segments lies in the file. */
export type FoundTable = SegmentTable & { readonly offset: number }

/** Reads bytes [start, end) of a file, clipped to its end. */
export type ReadBytes = (start: number, end: number) => Promise<Result<Uint8Array>>

/** The table of a day of film has five megabytes. */
const MOST_BYTES = 32 * 2 ** 20
/** ftyp, moov, uuid, mdat, and what a later version may add. */
const MOST_BOXES = 8
const LONGEST_HEAD = 32

/** The table of a file; null where it has none that we wrote. Fails as `read` does. */
export async function readSegmentTable(read: ReadBytes): Promise<Result<FoundTable | null>> {
  let table: SegmentTable | null = null
  let at = 0
  for (let boxes = 0; boxes < MOST_BOXES; boxes++) {
    const bytes = await read(at, at + LONGEST_HEAD)
    if (!bytes.ok) return bytes.failure.code === "store/range-not-satisfiable" ? done(null) : bytes
    const head = headOf(bytes.value)
    if (head === null) return done(null)
    if (head.type === "mdat") return done(table && { ...table, offset: at + head.bytes + TIMECODE_BYTES })
    if (head.isTable && head.length <= MOST_BYTES) {
      const text = await read(at + head.bytes + TYPE.length, at + head.length)
      if (!text.ok) return text
      table = parsed(Buffer.from(text.value).toString())
    }
    at += head.length
  }
  return done(null)
}

type Head = { readonly type: string; readonly bytes: number; readonly length: number; readonly isTable: boolean }

function headOf(start: Uint8Array): Head | null {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length)
  if (bytes.length < LONGEST_HEAD) return null
  const [short, type] = [bytes.readUInt32BE(0), bytes.toString("latin1", 4, 8)]
  const isLong = short === 1
  const head = { type, bytes: isLong ? 16 : 8, length: isLong ? Number(bytes.readBigUInt64BE(8)) : short }
  if (head.length < head.bytes) return null
  return { ...head, isTable: type === "uuid" && !isLong && bytes.subarray(8, 8 + TYPE.length).equals(TYPE) }
}

/** A file is anybody's to write: what is not exactly a table is none. */
function parsed(text: string): SegmentTable | null {
  try {
    const value: unknown = JSON.parse(text)
    return isTable(value) ? value : null
  } catch {
    return null
  }
}

const isTable = (value: unknown): value is SegmentTable =>
  isObject(value) && typeof value.avcC === "string" && Array.isArray(value.segments) && value.segments.every(isSegment)

const isSegment = (value: unknown): value is StoredSegment =>
  isObject(value) &&
  typeof value.key === "string" &&
  typeof value.hash === "string" &&
  Array.isArray(value.samples) &&
  value.samples.length > 0 &&
  value.samples.every((bytes) => Number.isSafeInteger(bytes) && bytes > 0)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
