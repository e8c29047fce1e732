import { attempt, type FileBytes, type HeaderOutcome, refuse, type Span } from "./bytes.ts"
import { jp2Boxes } from "./jp2-boxes.ts"
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

type Found = {
  readonly codestream: number
  readonly attributes: readonly HeaderAttribute[]
  readonly limits: HeaderLimits
}

function picture(reader: HeaderReader, { codestream, attributes, limits }: Found): PictureHeader {
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
