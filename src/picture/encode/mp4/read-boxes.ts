// Boxes of a file as they are read: ISO 14496-12, 4.2.

import { done, type Result } from "../../../events/result.ts"

export type Box = { readonly type: string; readonly body: Buffer }

/** The body of the first box at the end of a path; empty where there is none. */
export const inside = (bytes: Buffer, path: readonly string[]): Buffer =>
  path.reduce((body, type) => boxesIn(body).find((box) => box.type === type)?.body ?? Buffer.alloc(0), bytes)

/** The boxes that are whole; the data of a movie, of which only the start is there, is none. */
export function boxesIn(bytes: Buffer): readonly Box[] {
  const boxes: Box[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at)
    if (length < 8 || at + length > bytes.length) break
    boxes.push({ type: bytes.toString("latin1", at + 4, at + 8), body: bytes.subarray(at + 8, at + length) })
    at += length
  }
  return boxes
}

/** Reads bytes [start, end) of a file, clipped to its end. */
export type ReadBytes = (start: number, end: number) => Promise<Result<Uint8Array>>

/** A box of the file itself, of which the head was read. */
export type OuterBox = {
  readonly type: string
  /** Place in the file, of the box and of what is in it. */
  readonly at: number
  readonly bodyAt: number
  readonly end: number
  /** Its first bytes, {@link LONGEST_HEAD} of them. */
  readonly start: Buffer
}

/** ftyp, moov, mdat, what we put beside them, and what a later version may add. */
const MOST_BOXES = 8
/** Length, type, the long length, and a type of 16 bytes. */
const LONGEST_HEAD = 32

/** The boxes of a file, up to whatever is none, or the data of a movie. Ends with a failure as `read` fails. */
export async function* outerBoxes(read: ReadBytes): AsyncGenerator<Result<OuterBox>> {
  let at = 0
  for (let boxes = 0; boxes < MOST_BOXES; boxes++) {
    const bytes = await read(at, at + LONGEST_HEAD)
    if (!bytes.ok) {
      if (bytes.failure.code !== "store/range-not-satisfiable") yield bytes
      return
    }
    const box = boxAt(at, Buffer.from(bytes.value))
    if (box === null) return
    yield done(box)
    if (box.type === "mdat") return
    at = box.end
  }
}

function boxAt(at: number, start: Buffer): OuterBox | null {
  if (start.length < LONGEST_HEAD) return null
  const short = start.readUInt32BE(0)
  const length = short === 1 ? Number(start.readBigUInt64BE(8)) : short
  const head = short === 1 ? 16 : 8
  if (length < head) return null
  return { type: start.toString("latin1", 4, 8), at, bodyAt: at + head, end: at + length, start }
}
