import { attempt, type FileBytes, type HeaderOutcome, refuse, type Span } from "./bytes.ts"
import { ICC_ATTRIBUTE, IN_SEGMENTS } from "./icc-profile.ts"
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

/** Markers that matter (ITU-T T.81, table B.1; the APPn of JFIF, Exif, ICC.1 annex B.4 and Adobe's TN 5116). */
const [DHT, JPG, DAC, EOI, SOS, APP1, APP2, APP14] = [0xc4, 0xc8, 0xcc, 0xd9, 0xda, 0xe1, 0xe2, 0xee]
/** Segments before the picture's own header: a profile takes 255 at most, extended XMP hundreds. */
const MOST_SEGMENTS = 4096

type Segment = { readonly marker: number; readonly data: Span }

/** Processes of T.81: baseline, extended sequential, progressive, with Huffman codes; 9 and 10 with arithmetic ones. */
const PROCESSES: Readonly<Record<number, string>> = {
  192: "jpeg-baseline",
  193: "jpeg-sequential",
  194: "jpeg-progressive",
  201: "jpeg-arithmetic",
  202: "jpeg-arithmetic-progressive",
}

/**
 * Header of a JPEG: its segments up to the one that tells its size. The magic has been checked.
 * Fails: picture/damaged, picture/unsupported, picture/over-limit.
 */
export const readJpeg = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => jpegHeader(headerReader(file, false), limits))

function jpegHeader(reader: HeaderReader, limits: HeaderLimits): PictureHeader {
  const segments = segmentsBeforeFrame(reader)
  const frame = segments.at(-1)
  if (frame === undefined) return refuse("picture/damaged", "The JPEG has no picture.")
  const image = frameHeader(reader, frame)
  const tags = segments.map((segment) => tagged(reader, segment))
  const orientation = orientationOf(reader, tags)
  const adobe = adobeTransform(reader, tags)
  const attributes = [...image.attributes, ...profileOf(tags), ...orientation.attributes, ...adobe]
  const part = stillPart({ ...image, attributes }, limits)
  return stillHeader("jpeg", { part, warnings: orientation.warnings, reader })
}

/** All segments up to and with the frame header. */
function segmentsBeforeFrame(reader: HeaderReader): readonly Segment[] {
  const segments: Segment[] = []
  let offset = 2
  while (segments.length < MOST_SEGMENTS) {
    const marker = markerAt(reader, offset)
    if (marker.code === EOI || marker.code === SOS)
      return refuse("picture/damaged", "The JPEG has pixels without a header that tells their size, or none.")
    const lengthBytes = reader.at({ offset: marker.end, lengthBytes: 2 }).u16() - 2
    if (lengthBytes < 0) return refuse("picture/damaged", "The segments of the JPEG are damaged.")
    segments.push({ marker: marker.code, data: { offset: marker.end + 2, lengthBytes } })
    if (isFrame(marker.code)) return segments
    offset = marker.end + 2 + lengthBytes
  }
  return refuse("picture/over-limit", `The JPEG has more than ${MOST_SEGMENTS} segments before its picture.`)
}

const isFrame = (code: number): boolean => code >= 0xc0 && code <= 0xcf && code !== DHT && code !== JPG && code !== DAC

/** A marker may be filled up with bytes of 255 in front. */
function markerAt(reader: HeaderReader, offset: number): { readonly code: number; readonly end: number } {
  if (reader.at({ offset, lengthBytes: 1 }).u8() !== 0xff)
    return refuse("picture/damaged", `The JPEG has no segment at byte ${offset}, where one must be.`)
  let end = offset + 1
  let code = 0xff
  while (code === 0xff) {
    code = reader.at({ offset: end, lengthBytes: 1 }).u8()
    end += 1
    if (end - offset > 64) return refuse("picture/damaged", `The JPEG has no segment at byte ${offset}.`)
  }
  return { code, end }
}

const CHANNELS: Readonly<Record<number, readonly string[]>> = { 1: ["Y"], 3: ["R", "G", "B"], 4: ["C", "M", "Y", "K"] }

function frameHeader(reader: HeaderReader, { marker, data }: Segment) {
  const cursor = reader.at({ ...data, lengthBytes: Math.max(6, data.lengthBytes) })
  const [bits, height, width, components] = [cursor.u8(), cursor.u16(), cursor.u16(), cursor.u8()]
  const compression = PROCESSES[marker]
  if (compression === undefined)
    return refuse(
      "picture/unsupported",
      `The JPEG is coded by process ${marker - 0xc0} (lossless or differential), which is not read.`,
    )
  if (bits !== 8) return refuse("picture/unsupported", `The JPEG has samples of ${bits} bits; 8 are read.`)
  const channels = CHANNELS[components]
  if (channels === undefined)
    return refuse("picture/unsupported", `The JPEG has ${components} components; grey, colour and CMYK are read.`)
  if (height === 0) return refuse("picture/unsupported", "The JPEG tells its height only behind its pixels.")
  const number = (name: string, value: number): HeaderAttribute => attribute(name, "SOF", { value, span: data })
  const attributes = [number("precision", bits), number("components", components)]
  return { width, height, channels, pixelType: "uint8", compression, attributes }
}

type Tagged = Segment & { readonly tag: string }

/** What an application segment says that it is. */
function tagged(reader: HeaderReader, segment: Segment): Tagged {
  const { marker, data } = segment
  if (marker !== APP1 && marker !== APP2 && marker !== APP14) return { ...segment, tag: "" }
  const bytes = reader.bytes({ ...data, lengthBytes: Math.min(12, data.lengthBytes) })
  return { ...segment, tag: String.fromCharCode(...bytes) }
}

const EXIF = "Exif\0\0"

function orientationOf(reader: HeaderReader, segments: readonly Tagged[]): HeaderFindings {
  const exif = segments.find(({ marker, tag }) => marker === APP1 && tag.startsWith(EXIF))
  if (exif === undefined) return NO_FINDINGS
  const { offset, lengthBytes } = exif.data
  return exifFindings(reader.bytes({ offset: offset + EXIF.length, lengthBytes: lengthBytes - EXIF.length }), exif.data)
}

const ICC = "ICC_PROFILE\0"
const ICC_HEAD = ICC.length + 2

/** The profile in its pieces, in the order in which they lie in the file: every writer numbers them so. */
function profileOf(segments: readonly Tagged[]): readonly HeaderAttribute[] {
  const pieces = segments.filter(
    ({ marker, tag, data }) => marker === APP2 && tag === ICC && data.lengthBytes > ICC_HEAD,
  )
  const [first] = pieces
  if (first === undefined) return []
  const value = pieces.flatMap(({ data }) => [data.offset + ICC_HEAD, data.lengthBytes - ICC_HEAD])
  return [attribute(ICC_ATTRIBUTE, IN_SEGMENTS, { value, span: first.data })]
}

/** Adobe's marker: 0 for RGB or CMYK as they are, 1 for YCbCr, 2 for YCCK. */
function adobeTransform(reader: HeaderReader, segments: readonly Tagged[]): readonly HeaderAttribute[] {
  const adobe = segments.find(
    ({ marker, tag, data }) => marker === APP14 && tag.startsWith("Adobe") && data.lengthBytes >= 12,
  )
  if (adobe === undefined) return []
  const span = { offset: adobe.data.offset + 11, lengthBytes: 1 }
  return [attribute("AdobeTransform", "APP14", { value: reader.at(span).u8(), span })]
}
