/** Reading headers, bounds-checked: a file for each format, or for a few small ones. */

import { done, type Failure, failed, failure, type Result } from "../../../events/result.ts"
import {
  attempt,
  bytesInMemory,
  type FileBytes,
  type HeaderOutcome,
  openCursor,
  type Span,
  withExtent,
} from "./bytes.ts"
import { readCineon, readRadiance, readTarga } from "./cineon-radiance-targa.ts"
import { readDpx } from "./dpx.ts"
import { readExr } from "./exr.ts"
import { readJpeg } from "./jpeg.ts"
import { readCodestream, readJp2 } from "./jpeg2000.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./limits.ts"
import { FORMAT_OF_ENDING, type PictureFormat, type PictureHeader, type StillFormat } from "./model.ts"
import { readPng } from "./png.ts"
import { readPsd } from "./psd.ts"
import { readTiff } from "./tiff.ts"
import { readWebp } from "./webp.ts"

type ReadFormat = (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>

/** The first four bytes, read big-endian, of the contract's formats. */
const CONTRACT_MAGICS = new Map<number, { readonly format: PictureFormat; readonly read: ReadFormat }>([
  [0x762f3101, { format: "exr", read: readExr }],
  [0x53445058, { format: "dpx", read: (file, limits) => readDpx(file, false, limits) }],
  [0x58504453, { format: "dpx", read: (file, limits) => readDpx(file, true, limits) }],
  [0x49492a00, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: true, big: false }, limits) }],
  [0x4d4d002a, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: false, big: false }, limits) }],
  [0x49492b00, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: true, big: true }, limits) }],
  [0x4d4d002b, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: false, big: true }, limits) }],
])

/**
 * Header of a picture whose object has the name `key`: its magic decides the format and must agree with the extension.
 * Reads nothing outside `file`; asks for more bytes where the header goes on.
 * Fails: source/unsupported-type, picture/empty, picture/not-a-picture, picture/damaged, picture/unsupported,
 * picture/over-limit, picture/no-displayable-channels.
 */
export function readHeader(
  file: FileBytes,
  key: string,
  limits: HeaderLimits = DEFAULT_LIMITS,
): HeaderOutcome<PictureHeader> {
  const extension = /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? ""
  const expected = FORMAT_OF_ENDING[extension]
  if (expected === undefined)
    return refused("source/unsupported-type", `The extension .${extension} is none that is rendered.`)
  if (file.fileSizeBytes === 0) return refused("picture/empty", "The file is empty.")
  if (file.fileSizeBytes < 4) return refused("picture/not-a-picture", `The file has ${file.fileSizeBytes} bytes only.`)
  const magic = attempt(() => openCursor(file, false).u32())
  if (magic.kind !== "read") return magic
  const found = CONTRACT_MAGICS.get(magic.value) ?? stillOfMagic(magic.value) ?? stillWithoutMagic(expected)
  if (found?.format === expected) return found.read(file, limits)
  const holds = found === undefined ? "no known picture format" : found.format.toUpperCase()
  return refused("picture/not-a-picture", `The name ends in .${extension}, but the bytes are of ${holds}.`)
}

const refused = (code: Parameters<typeof failure>[0], says: string): HeaderOutcome<never> => ({
  kind: "failed",
  failure: failure(code, says),
})

type StillReader = {
  readonly format: StillFormat
  readonly read: (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>
}

/** First bytes of a format, read big-endian, and which of their bits count. */
type Magic = StillReader & { readonly magic: number; readonly mask?: number }

const STILL_MAGICS: readonly Magic[] = [
  { magic: 0x89504e47, format: "png", read: readPng },
  { magic: 0x802a5fd7, format: "cineon", read: (file, limits) => readCineon(file, false, limits) },
  { magic: 0xd75f2a80, format: "cineon", read: (file, limits) => readCineon(file, true, limits) },
  { magic: 0x233f5241, format: "radiance", read: readRadiance },
  { magic: 0x233f5247, format: "radiance", read: readRadiance },
  { magic: 0x52494646, format: "webp", read: readWebp },
  { magic: 0x38425053, format: "psd", read: readPsd },
  { magic: 0x0000000c, format: "jpeg2000", read: readJp2 },
  { magic: 0xff4fff51, format: "jpeg2000", read: readCodestream },
  { magic: 0xffd8ff00, mask: 0xffffff00, format: "jpeg", read: readJpeg },
]

/** Of the formats that have no magic: nothing but the name says that a file is of one. */
const stillWithoutMagic = (format: string): StillReader | undefined =>
  format === "targa" ? { format, read: readTarga } : undefined

/** The reader of the format whose files begin with these four bytes. */
const stillOfMagic = (found: number): StillReader | undefined =>
  STILL_MAGICS.find(({ magic, mask = 0xffffffff }) => (found & mask) >>> 0 === magic)

/** Bytes that are read first: enough for nearly every header. */
const FIRST_BYTES = 64 * 1024

/** A file or object of known size of which stretches can be read. */
type SpanSource = {
  readonly sizeBytes: number
  /** Exactly the bytes of a stretch that lies inside the file; fewer where the file became shorter meanwhile. */
  readonly readSpan: (span: Span) => Promise<Result<Uint8Array>>
}

type HeaderRead<T> = { readonly value: T; readonly bytesRead: number }

/**
 * Runs a header reader over a growing part of a file, up to `limits.headerBytes`: the first 64 KiB, then as much more as
 * the reader needs. Fails: what reading and the reader fail with, source/changed, picture/over-limit.
 */
export async function readGrowing<T>(
  { sizeBytes, readSpan }: SpanSource,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits,
): Promise<Result<HeaderRead<T>>> {
  let file: FileBytes = { fileSizeBytes: sizeBytes, extents: [] }
  let bytesRead = 0
  let wanted: Span = { offset: 0, lengthBytes: Math.min(FIRST_BYTES, sizeBytes) }
  for (;;) {
    if (wanted.lengthBytes > 0) {
      const bytes = await readSpan(wanted)
      if (!bytes.ok) return bytes
      if (bytes.value.length < wanted.lengthBytes) return failed(shorter)
      bytesRead += bytes.value.length
      file = withExtent(file, { offset: wanted.offset, bytes: bytes.value })
    }
    const outcome = read(file)
    if (outcome.kind === "read") return done({ value: outcome.value, bytesRead })
    if (outcome.kind === "failed") return failed(outcome.failure)
    const next = nextSpan(file, outcome.need, limits)
    // Where the rest is not needed for the picture, the reader leaves it out and says so.
    if (next === null) file = { ...file, noMore: tooLong(file) }
    wanted = next ?? NOTHING
  }
}

const NOTHING: Span = { offset: 0, lengthBytes: 0 }

const shorter = failure("source/changed", "The file became shorter while it was read.")

const tooLong = (file: FileBytes): Failure =>
  failure("picture/over-limit", `The header is not complete after ${bytesInMemory(file)} bytes; no more are read.`)

/** A header that goes on is read to these sizes, bytes, or as far as it needs: few headers go beyond the first two. */
const STEPS = [64 * 1024, 256 * 1024, 4 * 1024 * 1024, 16 * 1024 * 1024]
/** Least that is read at a place of its own (a directory at the end of a TIFF). */
const APART_BYTES = 64 * 1024
/** Read behind what is needed: a header goes on behind its long value. */
const MARGIN_BYTES = 16 * 1024
/** Short gaps are read along rather than left. */
const GAP_BYTES = 4 * 1024

/**
 * What to read next where a reader needs `need`: more of a stretch that goes on, or a new one. Null where that would
 * go over `limits.headerBytes` in memory or over `limits.stretches`.
 */
export function nextSpan(file: FileBytes, need: Span, limits: HeaderLimits): Span | null {
  const before = file.extents.find(
    ({ offset, bytes }) => offset <= need.offset && need.offset <= offset + bytes.length + GAP_BYTES,
  )
  const start = before === undefined ? need.offset : before.offset + before.bytes.length
  const needed = need.offset + need.lengthBytes - start
  const held = before?.bytes.length ?? 0
  const comfortable = before === undefined ? APART_BYTES : (STEPS.find((step) => step > held) ?? held) - held
  const room = limits.headerBytes - bytesInMemory(file)
  if (needed > room || (before === undefined && file.extents.length >= limits.stretches)) return null
  const inFile = file.fileSizeBytes - start
  return { offset: start, lengthBytes: Math.min(Math.max(needed + MARGIN_BYTES, comfortable), room, inFile) }
}
