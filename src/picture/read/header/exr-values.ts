import type { Tiles } from "../../../events/records.generated.ts"
import { type Cursor, headerText, hexOf, refuse, type Span } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import { boxHeight, boxWidth, type HeaderAttribute, type HeaderPart, type HeaderValue } from "./model.ts"

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

/** Compression by its byte in the file; names as OpenEXR and oiiotool print them. 10 and up exist since OpenEXR 3.4. */
const COMPRESSIONS: Readonly<Record<number, { readonly name: string; readonly linesPerChunk: number | null }>> = {
  0: { name: "none", linesPerChunk: 1 },
  1: { name: "rle", linesPerChunk: 1 },
  2: { name: "zips", linesPerChunk: 1 },
  3: { name: "zip", linesPerChunk: 16 },
  4: { name: "piz", linesPerChunk: 32 },
  5: { name: "pxr24", linesPerChunk: 16 },
  6: { name: "b44", linesPerChunk: 32 },
  7: { name: "b44a", linesPerChunk: 32 },
  8: { name: "dwaa", linesPerChunk: 32 },
  9: { name: "dwab", linesPerChunk: 256 },
  10: { name: "htj2k256", linesPerChunk: 256 },
  11: { name: "htj2k32", linesPerChunk: 32 },
  12: { name: "lj2k", linesPerChunk: 256 },
  13: { name: "zstd", linesPerChunk: 1 },
}

/** Name of a compression byte; `unknown (n)` where this version knows none. */
export const exrCompressionName = (code: number): string => COMPRESSIONS[code]?.name ?? `unknown (${code})`

/** Scan lines that one chunk holds; null where it is not known. */
export const linesPerChunk = (name: string): number | null =>
  Object.values(COMPRESSIONS).find((compression) => compression.name === name)?.linesPerChunk ?? null

const nameOf =
  (names: readonly string[]) =>
  (code: number): string =>
    names[code] ?? `unknown (${code})`

export const pixelTypeName = nameOf(["uint", "half", "float"])
export const lineOrderName = nameOf(["increasing", "decreasing", "random"])
export const envmapName = nameOf(["latlong", "cube"])
export const levelModeName = nameOf(["one-level", "mipmap", "ripmap"])
export const roundingModeName = nameOf(["down", "up"])
export const deepImageStateName = nameOf(["messy", "sorted", "non-overlapping", "tidy"])

type Chunked = Pick<HeaderPart, "dataWindow" | "compression" | "tiles">

/** Entries of a part's offset table, computed from its windows; null where the compression's chunks are not known. */
export function chunkCount({ dataWindow, compression, tiles }: Chunked): number | null {
  const [width, height] = [boxWidth(dataWindow), boxHeight(dataWindow)]
  if (tiles !== null) return tileCount(width, height, tiles)
  const lines = linesPerChunk(compression)
  return lines === null ? null : Math.ceil(height / lines)
}

function tileCount(width: number, height: number, tiles: Tiles): number {
  const across = levelSizes(width, tiles).map((size) => Math.ceil(size / tiles.width))
  const down = levelSizes(height, tiles).map((size) => Math.ceil(size / tiles.height))
  if (tiles.levelMode === "ripmap") return sum(across) * sum(down)
  if (tiles.levelMode !== "mipmap") return (across[0] ?? 0) * (down[0] ?? 0)
  const levels = Math.max(across.length, down.length)
  return sum(Array.from({ length: levels }, (_, level) => (across[level] ?? 1) * (down[level] ?? 1)))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Sizes of the levels of one axis, full size first, down to 1 pixel. */
function levelSizes(size: number, { roundingMode }: Tiles): readonly number[] {
  const round = roundingMode === "up" ? Math.ceil : Math.floor
  const sizes = [size]
  for (let level = 1; (sizes.at(-1) ?? 1) > 1; level += 1) sizes.push(Math.max(1, round(size / 2 ** level)))
  return sizes
}
