import { type Cursor, headerText, hexOf, refuse, type Span } from "./bytes.ts"
import {
  deepImageStateName,
  envmapName,
  exrCompressionName,
  levelModeName,
  lineOrderName,
  pixelTypeName,
  roundingModeName,
} from "./exr-names.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, HeaderValue } from "./model.ts"

type ReadValue = (cursor: Cursor) => HeaderValue
type ReadNumber = (cursor: Cursor) => number

const i32: ReadNumber = (cursor) => cursor.i32()
const u32: ReadNumber = (cursor) => cursor.u32()
const f32: ReadNumber = (cursor) => cursor.f32()
const f64: ReadNumber = (cursor) => cursor.f64()

const list =
  (count: number, read: ReadNumber): ReadValue =>
  (cursor) =>
    Array.from({ length: count }, () => read(cursor))

const record =
  (names: string, read: ReadNumber): ReadValue =>
  (cursor) =>
    Object.fromEntries(names.split(" ").map((name) => [name, read(cursor)]))

const KEYCODE = "filmMfcCode filmType prefix count perfOffset perfsPerFrame perfsPerCount"
const CHROMATICITIES = "redX redY greenX greenY blueX blueY whiteX whiteY"

/** Types of fixed size, bytes, as the OpenEXR file layout defines them. */
const FIXED: Readonly<Record<string, readonly [sizeBytes: number, read: ReadValue]>> = {
  int: [4, i32],
  float: [4, f32],
  double: [8, f64],
  box2i: [16, record("xMin yMin xMax yMax", i32)],
  box2f: [16, record("xMin yMin xMax yMax", f32)],
  chromaticities: [32, record(CHROMATICITIES, f32)],
  compression: [1, (cursor) => exrCompressionName(cursor.u8())],
  lineOrder: [1, (cursor) => lineOrderName(cursor.u8())],
  envmap: [1, (cursor) => envmapName(cursor.u8())],
  deepImageState: [1, (cursor) => deepImageStateName(cursor.u8())],
  rational: [8, (cursor) => ({ num: cursor.i32(), den: cursor.u32() })],
  timecode: [8, record("timeAndFlags userData", u32)],
  keycode: [28, record(KEYCODE, i32)],
  m33f: [36, list(9, f32)],
  m33d: [72, list(9, f64)],
  m44f: [64, list(16, f32)],
  m44d: [128, list(16, f64)],
  v2i: [8, list(2, i32)],
  v2f: [8, list(2, f32)],
  v2d: [16, list(2, f64)],
  v3i: [12, list(3, i32)],
  v3f: [12, list(3, f32)],
  v3d: [24, list(3, f64)],
  tiledesc: [9, tileDescription],
}

function tileDescription(cursor: Cursor): HeaderValue {
  const [width, height, mode] = [cursor.u32(), cursor.u32(), cursor.u8()]
  return { width, height, levelMode: levelModeName(mode & 15), roundingMode: roundingModeName(mode >> 4) }
}

type DecodedValue = { readonly value: HeaderValue; readonly truncated: boolean }
type SizedValue = { readonly cursor: Cursor; readonly span: Span; readonly limits: HeaderLimits }

/** Types whose size the value itself decides. */
const VARIABLE: Readonly<Record<string, (sized: SizedValue) => DecodedValue>> = {
  string: ({ cursor, span, limits }) => {
    const kept = Math.min(span.lengthBytes, limits.valueBytes)
    return { value: headerText(cursor.bytes(kept)), truncated: kept < span.lengthBytes }
  },
  floatvector: ({ cursor, span, limits }) => {
    const kept = Math.min(span.lengthBytes, limits.valueBytes)
    return { value: list(Math.floor(kept / 4), f32)(cursor), truncated: kept < span.lengthBytes }
  },
  preview: ({ cursor, span, limits }) =>
    span.lengthBytes < 8
      ? opaque({ cursor, span, limits })
      : { value: record("width height", u32)(cursor), truncated: true },
  stringvector: stringVector,
  chlist: channelList,
}

function stringVector({ cursor, span, limits }: SizedValue): DecodedValue {
  const end = span.offset + span.lengthBytes
  const texts: string[] = []
  while (cursor.position() + 4 <= end && cursor.position() - span.offset < limits.valueBytes) {
    const lengthBytes = cursor.u32()
    if (cursor.position() + lengthBytes > end)
      return refuse("picture/damaged", "A list of texts reaches beyond its attribute: the header is inconsistent.")
    texts.push(headerText(cursor.bytes(lengthBytes)))
  }
  return { value: texts, truncated: cursor.position() < end }
}

/** Longest name of a channel, attribute or type with the long-names flag, bytes. */
export const LONG_NAME_BYTES = 255

function channelList({ cursor, span, limits }: SizedValue): DecodedValue {
  const end = span.offset + span.lengthBytes
  const channels: HeaderValue[] = []
  for (let name = readName(cursor, LONG_NAME_BYTES); name !== ""; name = readName(cursor, LONG_NAME_BYTES)) {
    if (channels.length >= limits.channelsPerPart)
      return refuse("picture/over-limit", `A part has more than ${limits.channelsPerPart} channels.`)
    const pixelType = pixelTypeName(cursor.i32())
    const perceptuallyLinear = cursor.u8() === 0 ? 0 : 1
    cursor.bytes(3)
    channels.push({ name, pixelType, perceptuallyLinear, xSampling: cursor.i32(), ySampling: cursor.i32() })
  }
  if (cursor.position() > end)
    return refuse("picture/damaged", "The channel list reaches beyond its attribute: the header is inconsistent.")
  return { value: channels, truncated: false }
}

const opaque = ({ cursor, span, limits }: SizedValue): DecodedValue => ({
  value: { hex: hexOf(cursor.bytes(Math.min(span.lengthBytes, limits.hexBytes)), limits.hexBytes) },
  truncated: span.lengthBytes > limits.hexBytes,
})

/** Name up to its NUL. Fails picture/damaged where it is longer than the format allows. */
export function readName(cursor: Cursor, maxBytes: number): string {
  const codes: number[] = []
  for (let code = cursor.u8(); code !== 0; code = cursor.u8()) {
    if (codes.length >= maxBytes)
      return refuse("picture/damaged", `A name in the header is longer than the format's ${maxBytes} bytes.`)
    codes.push(code)
  }
  return headerText(Uint8Array.from(codes))
}

/** The value at the cursor, which then stands behind it. A known type of a wrong size is kept as hex, like an unknown one. */
export function readValue(
  cursor: Cursor,
  name: string,
  { type, sizeBytes }: { readonly type: string; readonly sizeBytes: number },
  limits: HeaderLimits,
): HeaderAttribute {
  const span = { offset: cursor.position(), lengthBytes: sizeBytes }
  const fixed = FIXED[type]
  const sized = { cursor, span, limits }
  const decoded =
    fixed !== undefined && fixed[0] === sizeBytes
      ? { value: fixed[1](cursor), truncated: false }
      : (VARIABLE[type] ?? opaque)(sized)
  cursor.seek(span.offset + sizeBytes)
  return { name, type, value: decoded.value, span, truncated: decoded.truncated }
}
