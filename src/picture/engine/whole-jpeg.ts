import type { FileHandle } from "node:fs/promises"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { onOpenFile } from "../read.ts"

const PIECE_BYTES = 256 * 1024
const [EOI, STUFFED, FIRST_RESTART, LAST_RESTART] = [0xd9, 0x00, 0xd0, 0xd7]

/**
 * Decoders fill what is missing of a JPEG with grey and call it a picture, so its segments are gone through until the one
 * that ends it, without decoding anything. Fails: picture/damaged, source/gone, store/denied, store/failed.
 */
export const checkJpegEnd = (path: string): Promise<Result<void>> =>
  onOpenFile(path, async (handle) => ((await isWhole(handle)) ? done(undefined) : failed(TRUNCATED)))

async function isWhole(handle: FileHandle): Promise<boolean> {
  const pieces = byteReader(handle)
  let at = 2
  for (;;) {
    const marker = await nextMarker(pieces, at)
    if (marker === null) return false
    if (marker.code === EOI) return true
    const [high, low] = [await pieces.at(marker.end), await pieces.at(marker.end + 1)]
    if (high === null || low === null) return false
    at = marker.end + Math.max(2, high * 256 + low)
  }
}

const TRUNCATED = failure("picture/damaged", "The JPEG ends before its picture does: it is truncated.")

type Bytes = {
  /** A byte of the file, null behind its end. */
  readonly at: (offset: number) => Promise<number | null>
  /** Offset of the next byte of 255, null where there is none. */
  readonly nextOnes: (offset: number) => Promise<number | null>
}

function byteReader(handle: FileHandle): Bytes {
  const piece = Buffer.alloc(PIECE_BYTES)
  let held = { start: 0, length: 0 }
  const load = async (offset: number): Promise<boolean> => {
    if (offset < held.start || offset >= held.start + held.length) {
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, offset)
      held = { start: offset, length: bytesRead }
    }
    return held.length > 0
  }
  return {
    at: async (offset) => ((await load(offset)) ? (piece[offset - held.start] ?? null) : null),
    async nextOnes(offset) {
      let from = offset
      while (await load(from)) {
        const found = piece.subarray(0, held.length).indexOf(0xff, from - held.start)
        if (found >= 0) return held.start + found
        from = held.start + held.length
      }
      return null
    },
  }
}

/** The next marker that begins a segment or ends the picture. Coded data holds 255 only before 0 and in restart markers. */
async function nextMarker(bytes: Bytes, from: number): Promise<{ readonly code: number; readonly end: number } | null> {
  let at = from
  for (;;) {
    const ones = await bytes.nextOnes(at)
    const code = ones === null ? null : await bytes.at(ones + 1)
    if (ones === null || code === null) return null
    const isData = code === STUFFED || code === 0xff || (code >= FIRST_RESTART && code <= LAST_RESTART) || code === 1
    if (!isData) return { code, end: ones + 2 }
    at = ones + (code === 0xff ? 1 : 2)
  }
}
