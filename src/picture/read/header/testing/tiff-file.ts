/** Value types of TIFF 6.0 and BigTIFF that the tests write. */
const SIZE_BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 4,
  6: 1,
  7: 1,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
}
const [STRIP_OFFSETS, TILE_OFFSETS] = [273, 324]

/** Tag number, TIFF type, and its values; a rational is two numbers. */
export type MadeTag = readonly [tag: number, type: number, values: readonly (number | bigint)[] | string]

export type MadeDirectory = { readonly tags: readonly MadeTag[]; readonly pixels: Uint8Array }

export type MadeTiff = {
  readonly bigEndian?: boolean
  readonly bigTiff?: boolean
  readonly directories: readonly MadeDirectory[]
}

type Writer = { readonly view: DataView; readonly little: boolean; readonly big: boolean; end: number }

/** A TIFF of the given tags; StripOffsets (273) is filled in where a directory names neither it nor tiles. */
export function tiffFile({ bigEndian = false, bigTiff = false, directories }: MadeTiff): Uint8Array {
  const room = 64 + directories.reduce((sum, directory) => sum + roomOf(directory), 0)
  const writer: Writer = { view: new DataView(new ArrayBuffer(room)), little: !bigEndian, big: bigTiff, end: 0 }
  let link = writeStart(writer)
  for (const directory of directories) link = writeDirectory(writer, directory, link)
  return new Uint8Array(writer.view.buffer, 0, writer.end)
}

const roomOf = ({ tags, pixels }: MadeDirectory): number =>
  pixels.length + 80 + tags.reduce((sum, [, type, values]) => sum + 48 + values.length * (SIZE_BYTES[type] ?? 8), 0)

/** Returns where the first directory's offset belongs. */
function writeStart(writer: Writer): number {
  writer.view.setUint16(0, writer.little ? 0x4949 : 0x4d4d)
  writer.view.setUint16(2, writer.big ? 43 : 42, writer.little)
  if (writer.big) writer.view.setUint16(4, 8, writer.little)
  writer.end = writer.big ? 16 : 8
  return writer.big ? 8 : 4
}

function setWord(writer: Writer, at: number, value: number): void {
  if (writer.big) writer.view.setBigUint64(at, BigInt(value), writer.little)
  else writer.view.setUint32(at, value, writer.little)
}

/** Returns where the next directory's offset belongs. */
function writeDirectory(writer: Writer, { tags, pixels }: MadeDirectory, link: number): number {
  const pixelsAt = writer.end
  new Uint8Array(writer.view.buffer).set(pixels, pixelsAt)
  writer.end += pixels.length + (pixels.length % 2)
  const strips: readonly MadeTag[] = tags.some(([tag]) => tag === STRIP_OFFSETS || tag === TILE_OFFSETS)
    ? []
    : [[STRIP_OFFSETS, 4, [pixelsAt]]]
  const sorted = [...tags, ...strips].sort((a, b) => a[0] - b[0])
  const entryBytes = writer.big ? 20 : 12
  const start = writer.end
  setWord(writer, link, start)
  if (writer.big) writer.view.setBigUint64(start, BigInt(sorted.length), writer.little)
  else writer.view.setUint16(start, sorted.length, writer.little)
  const first = start + (writer.big ? 8 : 2)
  const next = first + sorted.length * entryBytes
  writer.end = next + (writer.big ? 8 : 4)
  sorted.forEach((tag, index) => {
    writeEntry(writer, tag, first + index * entryBytes)
  })
  return next
}

function writeEntry(writer: Writer, [tag, type, values]: MadeTag, at: number): void {
  const numbers = typeof values === "string" ? [...new TextEncoder().encode(`${values}\0`)] : values
  const sizeBytes = numbers.length * (SIZE_BYTES[type] ?? 1)
  const count = type === 5 ? numbers.length / 2 : numbers.length
  writer.view.setUint16(at, tag, writer.little)
  writer.view.setUint16(at + 2, type, writer.little)
  setWord(writer, at + 4, count)
  const field = at + (writer.big ? 12 : 8)
  const inline = sizeBytes <= (writer.big ? 8 : 4)
  if (!inline) setWord(writer, field, writer.end)
  const target = inline ? field : writer.end
  numbers.forEach((value, index) => {
    setNumber(writer, type, target + index * (SIZE_BYTES[type] ?? 1), value)
  })
  if (!inline) writer.end += sizeBytes + (sizeBytes % 2)
}

function setNumber({ view, little }: Writer, type: number, at: number, exact: number | bigint): void {
  const size = SIZE_BYTES[type] ?? 1
  const value = Number(exact)
  if (type === 11) view.setFloat32(at, value, little)
  else if (type === 12) view.setFloat64(at, value, little)
  else if (size === 8) view.setBigUint64(at, BigInt(exact), little)
  else if (size === 4) view.setUint32(at, value, little)
  else if (size === 2) view.setUint16(at, value, little)
  else view.setUint8(at, value)
}
