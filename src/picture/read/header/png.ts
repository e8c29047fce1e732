import { attempt, type FileBytes, type HeaderOutcome, hexOf, refuse, type Span } from "./bytes.ts"
import { DEFLATED, ICC_ATTRIBUTE } from "./icc-profile.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
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

const SIGNATURE_BYTES = 8
/** Channels of each colour type, and the depths that it may have (PNG third edition, table 8). */
const KINDS: Readonly<Record<number, { readonly channels: readonly string[]; readonly bits: readonly number[] }>> = {
  0: { channels: ["Y"], bits: [1, 2, 4, 8, 16] },
  2: { channels: ["R", "G", "B"], bits: [8, 16] },
  3: { channels: ["R", "G", "B"], bits: [1, 2, 4, 8] },
  4: { channels: ["Y", "A"], bits: [8, 16] },
  6: { channels: ["R", "G", "B", "A"], bits: [8, 16] },
}
const PALETTE = 3
/** Longest chunk that is decoded; an Exif block may be longer and is then left out. */
const MOST_BYTES = 65_536

type Chunk = { readonly type: string; readonly data: Span }

/**
 * Header of a PNG: everything before the pixels. The magic has been checked.
 * Fails: picture/damaged, picture/over-limit.
 */
export const readPng = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => pngHeader(headerReader(file, false), limits))

function pngHeader(reader: HeaderReader, limits: HeaderLimits): PictureHeader {
  reader.bytes({ offset: 0, lengthBytes: SIGNATURE_BYTES })
  const chunks = chunksBeforePixels(reader, limits)
  const [first, ...others] = chunks
  if (first?.type !== "IHDR" || first.data.lengthBytes !== 13)
    return refuse("picture/damaged", "The PNG does not begin with its header chunk.")
  const image = imageHeader(reader, first.data)
  const hasAlpha = image.channels.includes("A")
  const palette = others.find(({ type }) => type === "PLTE")
  if (image.colourType === PALETTE && palette === undefined)
    refuse("picture/damaged", "The PNG has a palette picture, but no palette.")
  const isTransparent = !hasAlpha && others.some(({ type }) => type === "tRNS")
  const read = others.flatMap((chunk) => chunkAttributes(reader, chunk))
  const orientation = orientationOf(reader, others)
  const still = {
    ...image,
    channels: isTransparent ? [...image.channels, "A"] : image.channels,
    pixelType: `uint${image.colourType === PALETTE ? 8 : image.bits}`,
    compression: "deflate",
    pixelAspect: aspectOf(read),
    attributes: [...image.attributes, ...read, ...orientation.attributes],
  }
  const part = stillPart(still, limits)
  checkClaim(reader.fileSizeBytes, image, limits)
  return stillHeader("png", { part, warnings: orientation.warnings, reader })
}

/** One byte of Deflate becomes 1032 at most: a large picture that fewer bytes claim to hold is none. */
function checkClaim(
  fileSizeBytes: number,
  { width, height, bits, colourType }: ReturnType<typeof imageHeader>,
  { freeAreaPixels }: HeaderLimits,
): void {
  const samples = colourType === PALETTE ? 1 : (KINDS[colourType]?.channels.length ?? 1)
  const needed = Math.ceil((width * height * samples * bits) / 8 / 1032)
  if (width * height > freeAreaPixels && needed > fileSizeBytes)
    refuse(
      "picture/damaged",
      `A PNG of ${width}x${height} pixels needs at least ${needed} bytes; the file has ${fileSizeBytes}.`,
    )
}

function chunksBeforePixels(reader: HeaderReader, limits: HeaderLimits): readonly Chunk[] {
  const chunks: Chunk[] = []
  let offset = SIGNATURE_BYTES
  while (chunks.length < limits.tagsPerDirectory) {
    const cursor = reader.at({ offset, lengthBytes: 8 })
    const lengthBytes = cursor.u32()
    const type = String.fromCharCode(...cursor.bytes(4))
    if (type === "IDAT") return chunks
    if (!/^[A-Za-z]{4}$/.test(type) || type === "IEND")
      return refuse("picture/damaged", "The PNG has no pixels, or its chunks are damaged.")
    chunks.push({ type, data: { offset: offset + 8, lengthBytes } })
    offset += 12 + lengthBytes
  }
  return refuse("picture/over-limit", `The PNG has more than ${limits.tagsPerDirectory} chunks before its pixels.`)
}

function imageHeader(reader: HeaderReader, span: Span) {
  const cursor = reader.at(span)
  const [width, height, bits, colourType] = [cursor.u32(), cursor.u32(), cursor.u8(), cursor.u8()]
  const [compression, filter, interlace] = [cursor.u8(), cursor.u8(), cursor.u8()]
  const kind = KINDS[colourType]
  if (kind === undefined || !kind.bits.includes(bits) || compression !== 0 || filter !== 0 || interlace > 1)
    return refuse("picture/damaged", `The PNG states colour type ${colourType} with ${bits} bits, which there is not.`)
  const number = (name: string, value: number): HeaderAttribute => attribute(name, "IHDR", { value, span })
  return {
    width,
    height,
    bits,
    colourType,
    channels: kind.channels,
    attributes: [number("bitDepth", bits), number("colourType", colourType), number("interlace", interlace)],
  }
}

/** Chunks that say how the samples are meant, under their names. What is malformed is left out. */
function chunkAttributes(reader: HeaderReader, { type, data: span }: Chunk): readonly HeaderAttribute[] {
  if (type === "iCCP") return iccProfile(reader, span)
  const lengthBytes = NUMBERS[type]
  if (lengthBytes === undefined || span.lengthBytes !== lengthBytes) return []
  const cursor = reader.at(span)
  const isBytes = type === "cICP" || type === "sRGB"
  const count = isBytes ? lengthBytes : Math.floor(lengthBytes / 4)
  const numbers = Array.from({ length: count }, () => (isBytes ? cursor.u8() : cursor.u32()))
  return [attribute(type, "chunk", { value: numbers, span })]
}

/** Bytes of the chunks that hold numbers only. */
const NUMBERS: Readonly<Record<string, number>> = { cICP: 4, sRGB: 1, gAMA: 4, cHRM: 32, pHYs: 9 }

/** A name, a method, and the profile, deflated. */
function iccProfile(reader: HeaderReader, span: Span): readonly HeaderAttribute[] {
  const head = reader.bytes({ offset: span.offset, lengthBytes: Math.min(span.lengthBytes, 82) })
  const end = head.indexOf(0)
  if (end < 1 || head[end + 1] !== 0) return []
  const profile = { offset: span.offset + end + 2, lengthBytes: span.lengthBytes - end - 2 }
  return [attribute(ICC_ATTRIBUTE, DEFLATED, { value: { hex: hexOf(head.subarray(end + 2), 80) }, span: profile })]
}

/** Pixels per unit across over down. */
function aspectOf(attributes: readonly HeaderAttribute[]): number {
  const value = attributes.find(({ name }) => name === "pHYs")?.value
  const [across, down] = Array.isArray(value) ? value : []
  const aspect = Number(down) / Number(across)
  return aspect >= 0.1 && aspect <= 10 ? aspect : 1
}

function orientationOf(reader: HeaderReader, chunks: readonly Chunk[]): HeaderFindings {
  const exif = chunks.find(({ type, data }) => type === "eXIf" && data.lengthBytes <= MOST_BYTES)
  if (exif === undefined) return NO_FINDINGS
  return exifFindings(reader.bytes(exif.data), exif.data)
}
