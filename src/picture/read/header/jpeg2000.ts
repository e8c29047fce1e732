import { attempt, type FileBytes, type HeaderOutcome, refuse, type Span } from "./bytes.ts"
import { ICC_ATTRIBUTE } from "./icc-profile.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, type HeaderReader, headerReader, stillHeader, stillPart } from "./still.ts"

/** The SIZ segment up to the first component (ISO/IEC 15444-1, A.5.1), with the two markers before it. */
const SIZ_BYTES = 42
const MOST_BITS = 16
const CHANNELS: Readonly<Record<number, readonly string[]>> = {
  1: ["Y"],
  2: ["Y", "A"],
  3: ["R", "G", "B"],
  4: ["R", "G", "B", "A"],
}

/** A bare codestream. The magic has been checked. Fails: picture/damaged, picture/unsupported, picture/over-limit. */
export const readCodestream = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, false)
    return picture(reader, { codestream: 0, attributes: [], limits })
  })

/** A JP2: boxes around a codestream. Fails: picture/damaged, picture/unsupported, picture/over-limit. */
export const readJp2 = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, false)
    return picture(reader, { ...jp2Boxes(reader), limits })
  })

type Codestream = {
  readonly codestream: number
  readonly attributes: readonly HeaderAttribute[]
  readonly limits: HeaderLimits
}

function picture(reader: HeaderReader, { codestream, attributes, limits }: Codestream): PictureHeader {
  const span = { offset: codestream, lengthBytes: SIZ_BYTES }
  const cursor = reader.at(span)
  if (cursor.u32() !== 0xff4fff51)
    return refuse("picture/damaged", "The JPEG 2000 codestream does not begin with its size.")
  cursor.u16()
  const profile = cursor.u16()
  const [right, bottom, left, top] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()]
  const [tileWidth, tileHeight] = [cursor.u32(), cursor.u32()]
  cursor.seek(codestream + 40)
  const count = cursor.u16()
  const channels = CHANNELS[count]
  if (channels === undefined)
    return refuse("picture/unsupported", `The JPEG 2000 picture has ${count} components; one to four are read.`)
  if (tileWidth === 0 || tileHeight === 0) refuse("picture/damaged", "The JPEG 2000 picture has tiles without pixels.")
  const bits = depthOf(reader, { offset: codestream + SIZ_BYTES, lengthBytes: 3 * count })
  const number = (name: string, value: number): HeaderAttribute => attribute(name, "SIZ", { value, span })
  const part = stillPart(
    {
      width: right - left,
      height: bottom - top,
      channels,
      pixelType: `uint${bits}`,
      compression: (profile & HIGH_THROUGHPUT) === 0 ? "jpeg2000" : "htj2k",
      attributes: [number("profile", profile), number("bitDepth", bits), ...attributes],
    },
    limits,
  )
  return stillHeader("jpeg2000", { part, warnings: [], reader })
}

/** Bit of the capabilities that Part 15 took for its block coder. */
const HIGH_THROUGHPUT = 0x4000

/** Bits of the components, which are alike in what is read. */
function depthOf(reader: HeaderReader, span: Span): number {
  const components = Array.from(reader.bytes(span))
  const [first = 0] = components
  const bits = (first & 0x7f) + 1
  const isAlike = components.every((value, at) => value === (at % 3 === 0 ? first : 1))
  if (first > 0x7f || bits > MOST_BITS || !isAlike)
    refuse(
      "picture/unsupported",
      `The components of the JPEG 2000 picture are signed, of ${bits} bits, or differ in depth or size; unsigned ones of up to ${MOST_BITS} bits that are alike are read.`,
    )
  return bits
}

type Box = { readonly type: string; readonly data: Span }

const MOST_BOXES = 256
/** Enumerated colour spaces that the decoder makes R, G, B or grey of (ISO/IEC 15444-1, I.5.3.3). */
const SPACES: Readonly<Record<number, string>> = { 16: "sRGB", 17: "grey", 18: "sYCC" }

/** Where the codestream of a JP2 begins, and what its boxes say of colour. Ends the reading where there is none. */
function jp2Boxes(reader: HeaderReader): {
  readonly codestream: number
  readonly attributes: readonly HeaderAttribute[]
} {
  const boxes = boxesIn(reader, { offset: 0, lengthBytes: reader.fileSizeBytes })
  const codestream = boxes.find(({ type }) => type === "jp2c")
  const header = boxes.find(({ type }) => type === "jp2h")
  if (codestream === undefined || header === undefined)
    return refuse("picture/damaged", "The JP2 has no header or no picture.")
  const inner = boxesIn(reader, header.data)
  if (inner.some(({ type }) => type === "pclr"))
    refuse("picture/unsupported", "JPEG 2000 pictures with a palette are not read.")
  return { codestream: codestream.data.offset, attributes: inner.flatMap((box) => colour(reader, box)).slice(0, 1) }
}

/** The boxes one after another; nothing behind the picture is needed. */
function boxesIn(reader: HeaderReader, { offset: start, lengthBytes }: Span): readonly Box[] {
  const boxes: Box[] = []
  let offset = start
  const end = start + lengthBytes
  while (offset + 8 <= end && boxes.length < MOST_BOXES && boxes.at(-1)?.type !== "jp2c") {
    const cursor = reader.at({ offset, lengthBytes: 8 })
    const [stated, type] = [cursor.u32(), String.fromCharCode(...cursor.bytes(4))]
    const isLong = stated === 1
    const length = isLong
      ? reader.at({ offset: offset + 8, lengthBytes: 8 }).u64()
      : stated === 0
        ? end - offset
        : stated
    const head = isLong ? 16 : 8
    if (length < head || offset + length > end)
      return refuse(
        "picture/damaged",
        `The box at byte ${offset} of the JP2 goes beyond its end: it is truncated or damaged.`,
      )
    boxes.push({ type, data: { offset: offset + head, lengthBytes: length - head } })
    offset += length
  }
  return boxes
}

function colour(reader: HeaderReader, { type, data }: Box): readonly HeaderAttribute[] {
  if (type !== "colr" || data.lengthBytes < 3) return []
  const [method] = reader.bytes({ offset: data.offset, lengthBytes: 3 })
  if (method === 2) {
    const span = { offset: data.offset + 3, lengthBytes: data.lengthBytes - 3 }
    return [attribute(ICC_ATTRIBUTE, "colr", { value: span.lengthBytes, span })]
  }
  if (method !== 1 || data.lengthBytes < 7) return []
  const span = { offset: data.offset + 3, lengthBytes: 4 }
  const value = reader.at(span).u32()
  if (SPACES[value] === undefined)
    refuse("picture/unsupported", `The JP2 is of colour space ${value}; sRGB, grey and sYCC are read.`)
  return [attribute("EnumeratedColourSpace", "colr", { value, span })]
}
