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
import { readTiffValue, type TiffEntry, tiffValueBytes } from "./tiff-values.ts"

/** Sizes that differ between TIFF and BigTIFF. */
type Flavour = {
  readonly big: boolean
  readonly countBytes: number
  readonly entryBytes: number
  readonly inlineBytes: number
  readonly word: (cursor: Cursor) => number
}

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
  while (offset !== 0 && warnings.length === 0) {
    const blocked = endOfChain(offset, seen, limits)
    const directory = blocked ?? attempt(() => readDirectory(reading, offset, parts.length))
    if (typeof directory === "string") warnings.push(directory)
    else if (directory.kind === "failed" && parts.length > 0)
      warnings.push(unreadable(parts.length, directory.failure.says))
    else {
      const { part, next, span } = orStop(directory)
      seen.add(offset)
      parts.push(part)
      spans.push(span)
      offset = next
    }
  }
  if (parts.length === 0) refuse("picture/damaged", "The TIFF has no directory: it is truncated or inconsistent.")
  return { format: "tiff", parts, spans, warnings }
}

const unreadable = (index: number, says: string): string => `Directory ${index} of the TIFF is left out: ${says}`

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

type Reading = {
  readonly cursor: Cursor
  readonly flavour: Flavour
  readonly limits: HeaderLimits
  readonly fileSizeBytes: number
  /** Bytes of tag values decoded so far. */
  decodedBytes: number
}

type Directory = { readonly part: HeaderPart; readonly next: number; readonly span: Span }

function readDirectory(reading: Reading, offset: number, index: number): Directory {
  const { cursor, flavour, limits, fileSizeBytes } = reading
  cursor.seek(offset)
  const count = flavour.big ? cursor.u64() : cursor.u16()
  if (count > limits.tagsPerDirectory)
    refuse("picture/over-limit", `Directory ${index} has ${count} tags; ${limits.tagsPerDirectory} are read.`)
  const first = offset + flavour.countBytes
  const end = first + count * flavour.entryBytes
  const entries = Array.from({ length: count }, (_, entry) => readEntry(reading, first + entry * flavour.entryBytes))
  cursor.seek(end)
  const next = flavour.word(cursor)
  const attributes = entries.map((entry) => {
    reading.decodedBytes += Math.min(entry.span.lengthBytes, limits.valueBytes)
    if (reading.decodedBytes > limits.decodedBytes)
      refuse("picture/over-limit", `The TIFF's tags hold more than ${limits.decodedBytes} bytes.`)
    return readTiffValue(cursor, entry, fileSizeBytes, limits)
  })
  const part = tiffPart({ attributes, index, fileSizeBytes }, limits)
  return { part, next, span: { offset, lengthBytes: end + flavour.inlineBytes - offset } }
}

function readEntry({ cursor, flavour }: Reading, at: number): TiffEntry {
  cursor.seek(at)
  const [tag, typeCode, count] = [cursor.u16(), cursor.u16(), flavour.word(cursor)]
  const lengthBytes = tiffValueBytes(typeCode, count)
  const inline = lengthBytes <= flavour.inlineBytes
  const offset = inline ? cursor.position() : flavour.word(cursor)
  return { tag, typeCode, count, span: { offset, lengthBytes } }
}
