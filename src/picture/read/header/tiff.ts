import {
  attempt,
  type Cursor,
  type FileBytes,
  type HeaderOutcome,
  openCursor,
  orStop,
  refuse,
  type Span,
} from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderPart, PictureHeader } from "./model.ts"
import { tiffPart } from "./tiff-part.ts"
import { type Flavour, nextDirectory, readTags, type TiffReading } from "./tiff-tags.ts"

const CLASSIC: Flavour = { big: false, countBytes: 2, entryBytes: 12, inlineBytes: 4, word: (cursor) => cursor.u32() }
const BIG: Flavour = { big: true, countBytes: 8, entryBytes: 20, inlineBytes: 8, word: (cursor) => cursor.u64() }

export type TiffVariant = { readonly littleEndian: boolean; readonly big: boolean }

/**
 * Header of a TIFF or BigTIFF: every directory of the main chain, up to the limit. Directories may lie anywhere, so
 * more bytes are asked for one after another. A later directory that cannot be read is left out with a warning.
 * Fails: picture/damaged, picture/over-limit.
 */
export const readTiff = (file: FileBytes, variant: TiffVariant, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => tiffHeader(file, variant, limits))

function tiffHeader(file: FileBytes, { littleEndian, big }: TiffVariant, limits: HeaderLimits): PictureHeader {
  const cursor = openCursor(file, littleEndian)
  const flavour = big ? BIG : CLASSIC
  const reading = { cursor, flavour, limits, fileSizeBytes: file.fileSizeBytes, decodedBytes: 0 }
  let offset = firstDirectory(cursor, flavour)
  const parts: HeaderPart[] = []
  const spans: Span[] = [{ offset: 0, lengthBytes: cursor.position() }]
  const warnings: string[] = []
  const seen = new Set<number>()
  while (offset !== 0) {
    const blocked = endOfChain(offset, seen, limits)
    const directory = attempt(() => readDirectory(reading, offset, parts.length))
    if (blocked !== null || (directory.kind === "failed" && parts.length > 0)) {
      warnings.push(blocked ?? unreadable(parts.length, directory))
      break
    }
    const { part, next, span, warnings: remarks } = orStop(directory)
    seen.add(offset)
    parts.push(part)
    spans.push(span)
    warnings.push(...remarks)
    offset = next
  }
  if (parts.length === 0) refuse("picture/damaged", "The TIFF has no directory: it is truncated or inconsistent.")
  return { format: "tiff", parts, spans, warnings }
}

const unreadable = (index: number, directory: HeaderOutcome<Directory>): string =>
  `Directory ${index} of the TIFF is left out: ${directory.kind === "failed" ? directory.failure.says : ""}`

/** Why the chain of directories is not followed further, or null. */
function endOfChain(offset: number, seen: ReadonlySet<number>, limits: HeaderLimits): string | null {
  if (seen.has(offset)) return "The chain of TIFF directories loops; it is read once."
  return seen.size < limits.directories ? null : `Only the first ${limits.directories} TIFF directories are read.`
}

function firstDirectory(cursor: Cursor, flavour: Flavour): number {
  cursor.seek(4)
  if (flavour.big && (cursor.u16() !== 8 || cursor.u16() !== 0))
    refuse("picture/damaged", "The BigTIFF start is malformed: its offsets do not have 8 bytes.")
  return flavour.word(cursor)
}

type Directory = {
  readonly part: HeaderPart
  readonly next: number
  readonly span: Span
  readonly warnings: readonly string[]
}

function readDirectory(reading: TiffReading, offset: number, index: number): Directory {
  const { cursor, flavour, limits, fileSizeBytes } = reading
  cursor.seek(offset)
  const count = flavour.big ? cursor.u64() : cursor.u16()
  const first = offset + flavour.countBytes
  const end = first + count * flavour.entryBytes
  const { attributes, warnings } = readTags(reading, index, { first, count })
  const part = tiffPart({ attributes, index, fileSizeBytes }, limits)
  const next = nextDirectory(reading, end)
  // Of a directory of too many tags only the beginning has been read.
  const readEnd = first + Math.min(count, limits.tagsPerDirectory) * flavour.entryBytes
  const lengthBytes = Math.min(readEnd === end ? end + flavour.inlineBytes : readEnd, fileSizeBytes) - offset
  return { part, next, span: { offset, lengthBytes }, warnings }
}
