import { type FileHandle, writeFile } from "node:fs/promises"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { withLocalFile } from "../read/reading.ts"
import { onScratch } from "../scratch.ts"

const PIECE_BYTES = 256 * 1024
const [EOI, SOS, STUFFED, FIRST_RESTART, LAST_RESTART] = [0xd9, 0xda, 0x00, 0xd0, 0xd7]

/** A segment before the pixels, with its marker: bytes [start, end). */
type Segment = { readonly code: number; readonly start: number; readonly end: number }

/** Where the parts of a JPEG lie; `end` is behind the marker that ends it. */
type Outline = { readonly segments: readonly Segment[]; readonly end: number }

/**
 * Decoders fill what is missing of a JPEG with grey and call it a picture, so its segments are gone through until the one
 * that ends it, without decoding anything. And oiiotool makes linear light of a JPEG that carries a gain map for HDR
 * displays (Ultra HDR, ISO 21496-1): such a file is written to `plain` without the map, as the picture that it is.
 * Returns the file to decode. Fails: picture/damaged, source/gone, store/denied, store/failed, scratch/full.
 */
export const wholeJpeg = (path: string, plain: string): Promise<Result<string>> =>
  withLocalFile(path, async (handle) => {
    const outline = await outlineOf(handle)
    if (outline === null) return failed(TRUNCATED)
    const heads = await Promise.all(outline.segments.map((segment) => textOf(handle, segment)))
    if (!heads.some(isGainMap)) return done(path)
    const kept = outline.segments.filter(({ code }, at) => isKept(code, heads[at] ?? ""))
    const pixels = outline.segments.at(-1)?.end ?? 2
    const pieces = [{ start: 0, end: 2 }, ...kept, { start: pixels, end: outline.end }]
    const bytes = await Promise.all(pieces.map((piece) => bytesOf(handle, piece)))
    return onScratch(async () => {
      await writeFile(plain, Buffer.concat(bytes))
      return done(plain)
    })
  })

const [EXTENSION_1, EXTENSION_2] = [0xe1, 0xe2]

const isGainMap = (text: string): boolean => text.includes("hdrgm:") || text.startsWith("urn:iso:std:iso:ts:21496")

/** Of what programs add, Exif and the profile alone decide how the picture is shown. */
const isKept = (code: number, text: string): boolean =>
  code === EXTENSION_1 ? text.startsWith("Exif\0") : code !== EXTENSION_2 || text.startsWith("ICC_PROFILE\0")

async function bytesOf(handle: FileHandle, { start, end }: Pick<Segment, "start" | "end">): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
  return bytes.subarray(0, bytesRead)
}

/** What an application's segment holds, as text; nothing for all others. */
async function textOf(handle: FileHandle, segment: Segment): Promise<string> {
  if (segment.code !== EXTENSION_1 && segment.code !== EXTENSION_2) return ""
  return (await bytesOf(handle, { ...segment, start: segment.start + 4 })).toString("latin1")
}

async function outlineOf(handle: FileHandle): Promise<Outline | null> {
  const pieces = byteReader(handle)
  const segments: Segment[] = []
  let isBeforePixels = true
  let at = 2
  for (;;) {
    const marker = await nextMarker(pieces, at)
    if (marker === null) return null
    if (marker.code === EOI) return { segments, end: marker.end }
    const [high, low] = [await pieces.at(marker.end), await pieces.at(marker.end + 1)]
    if (high === null || low === null) return null
    at = marker.end + Math.max(2, high * 256 + low)
    isBeforePixels &&= marker.code !== SOS
    if (isBeforePixels) segments.push({ code: marker.code, start: marker.end - 2, end: at })
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
