import { attempt, type Cursor, type HeaderOutcome, hexOf, orStop, refuse, type Span, textToNul } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, HeaderValue } from "./model.ts"
import { tiffTagName } from "./tiff-names.ts"

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

type ReadTags = { readonly attributes: readonly HeaderAttribute[]; readonly warnings: readonly string[] }

/**
 * The tags of one directory, which begin at byte `first`. One that cannot be read and that the picture does not need
 * (profiles, XMP, Photoshop's, private ones) is left out with a warning. Ends the reading where a needed one cannot be read.
 */
export function readTags(reading: TiffReading, index: number, { first, count }: TagTable): ReadTags {
  const { cursor, flavour, limits } = reading
  const attributes: HeaderAttribute[] = []
  const lost: LostTag[] = []
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

type LostTag = { readonly tag: number; readonly says: string }

const NAMED_TAGS = 4

/** One sentence a directory, however many tags are lost. */
function lostTags(index: number, lost: readonly LostTag[]): readonly string[] {
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

type TiffType = {
  readonly name: string
  readonly sizeBytes: number
  readonly read?: (cursor: Cursor) => number | string
}

const i8 = (cursor: Cursor): number => (cursor.u8() << 24) >> 24
const i16 = (cursor: Cursor): number => (cursor.u16() << 16) >> 16

/** Field types of TIFF 6.0 and BigTIFF; a rational is two numbers. */
const TYPES: Readonly<Record<number, TiffType>> = {
  1: { name: "BYTE", sizeBytes: 1, read: (cursor) => cursor.u8() },
  2: { name: "ASCII", sizeBytes: 1 },
  3: { name: "SHORT", sizeBytes: 2, read: (cursor) => cursor.u16() },
  4: { name: "LONG", sizeBytes: 4, read: (cursor) => cursor.u32() },
  5: { name: "RATIONAL", sizeBytes: 8, read: (cursor) => cursor.u32() / cursor.u32() },
  6: { name: "SBYTE", sizeBytes: 1, read: i8 },
  7: { name: "UNDEFINED", sizeBytes: 1 },
  8: { name: "SSHORT", sizeBytes: 2, read: i16 },
  9: { name: "SLONG", sizeBytes: 4, read: (cursor) => cursor.i32() },
  10: { name: "SRATIONAL", sizeBytes: 8, read: (cursor) => cursor.i32() / cursor.i32() },
  11: { name: "FLOAT", sizeBytes: 4, read: (cursor) => cursor.f32() },
  12: { name: "DOUBLE", sizeBytes: 8, read: (cursor) => cursor.f64() },
  13: { name: "IFD", sizeBytes: 4, read: (cursor) => cursor.u32() },
  16: { name: "LONG8", sizeBytes: 8, read: (cursor) => cursor.u64Value() },
  17: { name: "SLONG8", sizeBytes: 8, read: (cursor) => cursor.i64Value() },
  18: { name: "IFD8", sizeBytes: 8, read: (cursor) => cursor.u64Value() },
}

/** StripOffsets, StripByteCounts, TileOffsets, TileByteCounts: long tables of which the beginning says enough. */
const LOCATION_TAGS: ReadonlySet<number> = new Set([273, 279, 324, 325])
const LOCATION_BYTES = 4096

/** One entry of a directory: the value itself, or where it lies. */
type TiffEntry = {
  readonly tag: number
  readonly typeCode: number
  readonly count: number
  /** Where the value lies, in the entry or behind it. */
  readonly span: Span
}

/** Bytes that a value of `count` items of a type takes; a type that is not known counts as bytes. */
const tiffValueBytes = (typeCode: number, count: number): number => (TYPES[typeCode]?.sizeBytes ?? 1) * count

function keptAtMost({ tag, typeCode }: TiffEntry, limits: HeaderLimits): number {
  if (LOCATION_TAGS.has(tag)) return LOCATION_BYTES
  const type = TYPES[typeCode]
  return type?.read === undefined ? limits.valueBytes : Math.min(limits.valueBytes, limits.listItems * type.sizeBytes)
}

/** Decodes an entry's value. Fails: picture/damaged where it lies outside the file. */
function readTiffValue(cursor: Cursor, entry: TiffEntry, fileSizeBytes: number, limits: HeaderLimits): HeaderAttribute {
  const { tag, typeCode, span } = entry
  const name = tiffTagName(tag)
  if (span.offset + span.lengthBytes > fileSizeBytes)
    refuse("picture/damaged", `The tag ${name} points beyond the end of the file: it is truncated or inconsistent.`)
  cursor.seek(span.offset)
  const keptBytes = Math.min(span.lengthBytes, keptAtMost(entry, limits))
  const value = decoded(cursor, entry, keptBytes, limits)
  return {
    name,
    type: TYPES[typeCode]?.name ?? `type${typeCode}`,
    value,
    span,
    truncated: keptBytes < span.lengthBytes,
  }
}

function decoded(cursor: Cursor, entry: TiffEntry, keptBytes: number, limits: HeaderLimits): HeaderValue {
  const type = TYPES[entry.typeCode]
  if (type?.name === "ASCII") return textToNul(cursor.bytes(keptBytes))
  const read = type?.read
  if (type === undefined || read === undefined) return { hex: hexOf(cursor.bytes(keptBytes), limits.hexBytes) }
  const numbers = Array.from({ length: Math.floor(keptBytes / type.sizeBytes) }, () => read(cursor))
  return entry.count === 1 ? (numbers[0] ?? 0) : numbers
}
