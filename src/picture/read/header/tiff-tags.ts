import { attempt, type Cursor, type HeaderOutcome, orStop, refuse } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute } from "./model.ts"
import { tiffTagName } from "./tiff-names.ts"
import { readTiffValue, type TiffEntry, tiffValueBytes } from "./tiff-values.ts"

/** Sizes that differ between TIFF and BigTIFF. */
export type Flavour = {
  readonly big: boolean
  readonly countBytes: number
  readonly entryBytes: number
  readonly inlineBytes: number
  readonly word: (cursor: Cursor) => number
}

/** A TIFF that is being read. */
export type TiffReading = {
  readonly cursor: Cursor
  readonly flavour: Flavour
  readonly limits: HeaderLimits
  readonly fileSizeBytes: number
  /** Bytes of tag values decoded so far. */
  decodedBytes: number
}

/**
 * Tags without which nobody can say what the pixels are and where: sizes, sample layout, compression, locations, the
 * palette. A file is only as damaged as these.
 */
const NEEDED: ReadonlySet<number> = new Set([
  ...[256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 332, 338, 339, 347, 530],
])

export type ReadTags = { readonly attributes: readonly HeaderAttribute[]; readonly warnings: readonly string[] }

/**
 * The tags of one directory, which begin at byte `first`. One that cannot be read and that the picture does not need
 * (profiles, XMP, Photoshop's, private ones) is left out with a warning. Ends the reading where a needed one cannot be read.
 */
export function readTags(reading: TiffReading, index: number, { first, count }: TagTable): ReadTags {
  const { cursor, flavour, limits } = reading
  const attributes: HeaderAttribute[] = []
  const lost: Lost[] = []
  // Tags stand in rising order, and those that are needed have low numbers.
  for (let entry = 0; entry < Math.min(count, limits.tagsPerDirectory); entry++) {
    cursor.seek(first + entry * flavour.entryBytes)
    const tag = cursor.u16()
    const read = attempt(() => readTag(reading, tag))
    if (read.kind === "failed" && !NEEDED.has(tag)) lost.push({ tag, says: read.failure.says })
    else attributes.push(orStop(read))
  }
  return { attributes, warnings: [...tooMany(index, count, limits), ...lostTags(index, lost)] }
}

type TagTable = { readonly first: number; readonly count: number }

function readTag(reading: TiffReading, tag: number): HeaderAttribute {
  const { cursor, limits, fileSizeBytes } = reading
  const entry = readEntry(reading, tag)
  const decodedBytes = reading.decodedBytes + Math.min(entry.span.lengthBytes, limits.valueBytes)
  if (decodedBytes > limits.decodedBytes)
    refuse("picture/over-limit", `The TIFF's tags hold more than ${limits.decodedBytes} bytes.`)
  const attribute = readTiffValue(cursor, entry, fileSizeBytes, limits)
  reading.decodedBytes = decodedBytes
  return attribute
}

function readEntry({ cursor, flavour }: TiffReading, tag: number): TiffEntry {
  const [typeCode, count] = [cursor.u16(), flavour.word(cursor)]
  const lengthBytes = tiffValueBytes(typeCode, count)
  const inline = lengthBytes <= flavour.inlineBytes
  const offset = inline ? cursor.position() : flavour.word(cursor)
  return { tag, typeCode, count, span: { offset, lengthBytes } }
}

const tooMany = (index: number, count: number, { tagsPerDirectory }: HeaderLimits): readonly string[] =>
  count > tagsPerDirectory
    ? [`Directory ${index} of the TIFF has ${count} tags; the first ${tagsPerDirectory} are read.`]
    : []

type Lost = { readonly tag: number; readonly says: string }

const NAMED_TAGS = 4

/** One sentence a directory, however many tags are lost. */
function lostTags(index: number, lost: readonly Lost[]): readonly string[] {
  const [first] = lost
  if (first === undefined) return []
  const names = lost.slice(0, NAMED_TAGS).map(({ tag }) => tiffTagName(tag))
  const more = lost.length > NAMED_TAGS ? ` and ${lost.length - NAMED_TAGS} more` : ""
  return [`Directory ${index} of the TIFF is read without ${names.join(", ")}${more}: ${first.says}`]
}

/** The offset that follows the tags; 0, which ends the chain of directories, where the file ends before it. */
export function nextDirectory({ cursor, flavour }: TiffReading, at: number): number {
  cursor.seek(at)
  const next: HeaderOutcome<number> = attempt(() => flavour.word(cursor))
  return next.kind === "failed" ? 0 : orStop(next)
}
