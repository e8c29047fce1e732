import { type Cursor, refuse, type Span } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, HeaderValue } from "./model.ts"
import { hexOf, textToNul } from "./text.ts"
import { tiffTagName } from "./tiff-names.ts"

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
export type TiffEntry = {
  readonly tag: number
  readonly typeCode: number
  readonly count: number
  /** Where the value lies, in the entry or behind it. */
  readonly span: Span
}

/** Bytes that a value of `count` items of a type takes; a type that is not known counts as bytes. */
export const tiffValueBytes = (typeCode: number, count: number): number => (TYPES[typeCode]?.sizeBytes ?? 1) * count

function keptAtMost({ tag, typeCode }: TiffEntry, limits: HeaderLimits): number {
  if (LOCATION_TAGS.has(tag)) return LOCATION_BYTES
  const type = TYPES[typeCode]
  return type?.read === undefined ? limits.valueBytes : Math.min(limits.valueBytes, limits.listItems * type.sizeBytes)
}

/** Decodes an entry's value. Fails: picture/damaged where it lies outside the file. */
export function readTiffValue(
  cursor: Cursor,
  entry: TiffEntry,
  fileSizeBytes: number,
  limits: HeaderLimits,
): HeaderAttribute {
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
