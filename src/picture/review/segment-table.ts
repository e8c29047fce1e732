// What a review copy says of its own segments, in a box of the file that players pass over: a later copy takes over those
// that are still what it wants.

import { done, type Result } from "../../events/result.ts"
import { isFields, jsonOf } from "../../system/json.ts"
import { box } from "../encode/mp4/boxes.ts"
import { outerBoxes, type ReadBytes } from "../encode/mp4/read-boxes.ts"
import { TIMECODE_BYTES } from "../encode/mp4/tracks.ts"

/** A segment as it lies in the file. */
export type StoredSegment = {
  /** Names all that decided its pictures. */
  readonly key: string
  /** First 32 hex digits of the sha256 of its bytes: what lies there may be another's by now. */
  readonly hash: string
  /** Sizes of its samples, bytes. */
  readonly samples: readonly number[]
  /** Bytes of sound that lie before it; absent for none. */
  readonly behind?: number
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

/** The table of a day of film has five megabytes. */
const MOST_BYTES = 32 * 2 ** 20

/** The table of a file; null where it has none that we wrote. Fails as `read` does. */
export async function readSegmentTable(read: ReadBytes): Promise<Result<FoundTable | null>> {
  let table: SegmentTable | null = null
  for await (const box of outerBoxes(read)) {
    if (!box.ok) return box
    const { type, at, bodyAt, end, start } = box.value
    if (type === "mdat") return done(table && { ...table, offset: bodyAt + TIMECODE_BYTES })
    const isTable = type === "uuid" && bodyAt === at + 8 && start.subarray(8, 8 + TYPE.length).equals(TYPE)
    if (!isTable || end - at > MOST_BYTES) continue
    const text = await read(bodyAt + TYPE.length, end)
    if (!text.ok) return text
    // A file is anybody's to write: what is not exactly a table is none.
    table = jsonOf(Buffer.from(text.value).toString(), isSegmentTable)
  }
  return done(null)
}

const isSegmentTable = (value: unknown): value is SegmentTable =>
  isFields(value) && typeof value.avcC === "string" && Array.isArray(value.segments) && value.segments.every(isSegment)

const isSegment = (value: unknown): value is StoredSegment =>
  isFields(value) &&
  typeof value.key === "string" &&
  typeof value.hash === "string" &&
  Array.isArray(value.samples) &&
  value.samples.length > 0 &&
  value.samples.every((bytes) => Number.isSafeInteger(bytes) && bytes > 0) &&
  (value.behind === undefined || (Number.isSafeInteger(value.behind) && Number(value.behind) > 0))
