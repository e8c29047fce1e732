import { attempt, type Cursor, type FileBytes, type HeaderOutcome, refuse, type Span } from "./bytes.ts"
import { ICC_ATTRIBUTE } from "./icc-profile.ts"
import type { HeaderLimits } from "./limits.ts"
import type { PictureHeader } from "./model.ts"
import {
  attribute,
  exifFindings,
  type HeaderFindings,
  type HeaderReader,
  headerReader,
  NO_FINDINGS,
  stillHeader,
  stillPart,
} from "./still.ts"

type Chunk = { readonly type: string; readonly data: Span }

const RIFF_BYTES = 12
const CHUNK_BYTES = 8
const MOST_CHUNKS = 64
const MOST_EXIF_BYTES = 65_536
const ALPHA = 0x10

/**
 * Header of a WebP: its chunks, and the first bytes of its picture. An animation shows its first frame.
 * Fails: picture/not-a-picture for another RIFF file, picture/damaged, picture/over-limit.
 */
export const readWebp = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, true)
    if (file.fileSizeBytes < RIFF_BYTES + CHUNK_BYTES) refuse("picture/damaged", "The WebP has no picture.")
    const riff = reader.at({ offset: 0, lengthBytes: RIFF_BYTES })
    riff.u32()
    const end = CHUNK_BYTES + riff.u32()
    if (ascii(riff, 4) !== "WEBP") refuse("picture/not-a-picture", "The file is a RIFF file, but no WebP.")
    if (end > file.fileSizeBytes)
      refuse(
        "picture/damaged",
        `The WebP says that it has ${end} bytes, and has ${file.fileSizeBytes}: it is truncated.`,
      )
    const chunks = chunksOf(reader, end)
    const image = imageOf(reader, chunks)
    const icc = chunks.find(({ type }) => type === "ICCP")
    const orientation = orientationOf(reader, chunks)
    const isAnimated = chunks.some(({ type }) => type === "ANMF")
    const warnings = isAnimated ? ["The WebP is an animation; its first frame is shown."] : []
    const part = stillPart(
      {
        ...image,
        pixelType: "uint8",
        attributes: [
          ...(icc === undefined
            ? []
            : [attribute(ICC_ATTRIBUTE, "ICCP", { value: icc.data.lengthBytes, span: icc.data })]),
          ...orientation.attributes,
        ],
      },
      limits,
    )
    return stillHeader("webp", { part, warnings: [...warnings, ...orientation.warnings], reader })
  })

const ascii = (cursor: Cursor, bytes: number): string => String.fromCharCode(...cursor.bytes(bytes))

/** Of the file's chunks those that there is room for: what is behind the picture is not needed. */
function chunksOf(reader: HeaderReader, end: number): readonly Chunk[] {
  const chunks: Chunk[] = []
  let offset = RIFF_BYTES
  while (offset + CHUNK_BYTES <= end && chunks.length < MOST_CHUNKS) {
    const cursor = reader.at({ offset, lengthBytes: CHUNK_BYTES })
    const [type, lengthBytes] = [ascii(cursor, 4), cursor.u32()]
    if (offset + CHUNK_BYTES + lengthBytes > end) break
    chunks.push({ type, data: { offset: offset + CHUNK_BYTES, lengthBytes } })
    offset += CHUNK_BYTES + lengthBytes + (lengthBytes % 2)
  }
  return chunks
}

function imageOf(reader: HeaderReader, chunks: readonly Chunk[]) {
  const [first] = chunks
  const least = { VP8X: 10, VP8L: 5, "VP8 ": 10 }[first?.type ?? ""] ?? Number.POSITIVE_INFINITY
  if (first === undefined || first.data.lengthBytes < least)
    return refuse("picture/damaged", "The WebP does not begin with a picture.")
  const cursor = reader.at({ offset: first.data.offset, lengthBytes: least })
  const isLossless = chunks.some(({ type }) => type === "VP8L")
  const compression = isLossless ? "webp-lossless" : "webp-lossy"
  if (first.type === "VP8X") {
    const flags = cursor.u32()
    const [width, height] = [u24(cursor) + 1, u24(cursor) + 1]
    return { width, height, channels: channels((flags & ALPHA) !== 0), compression }
  }
  if (first.type === "VP8L") {
    if (cursor.u8() !== 0x2f) refuse("picture/damaged", "The lossless picture of the WebP is damaged.")
    const bits = cursor.u32()
    return {
      width: (bits & 0x3fff) + 1,
      height: ((bits >>> 14) & 0x3fff) + 1,
      channels: channels(((bits >>> 28) & 1) === 1),
      compression,
    }
  }
  u24(cursor)
  if (u24(cursor) !== 0x2a019d) refuse("picture/damaged", "The WebP does not begin with a key frame.")
  return { width: cursor.u16() & 0x3fff, height: cursor.u16() & 0x3fff, channels: channels(false), compression }
}

const channels = (hasAlpha: boolean): readonly string[] => ["R", "G", "B", ...(hasAlpha ? ["A"] : [])]

const u24 = (cursor: Cursor): number => cursor.u16() + cursor.u8() * 65_536

const EXIF = "Exif\0\0"

function orientationOf(reader: HeaderReader, chunks: readonly Chunk[]): HeaderFindings {
  const found = chunks.find(({ type, data }) => type === "EXIF" && data.lengthBytes <= MOST_EXIF_BYTES)
  if (found === undefined) return NO_FINDINGS
  const bytes = reader.bytes(found.data)
  const isPrefixed = String.fromCharCode(...bytes.subarray(0, EXIF.length)) === EXIF
  return exifFindings(isPrefixed ? bytes.subarray(EXIF.length) : bytes, found.data)
}
