import type { Box, Channel, Part } from "../../../events/records.generated.ts"
import type { Span } from "./bytes.ts"

/** A typed value of a header. Numbers may be NaN or infinite, as the file has them. */
export type HeaderValue = number | string | readonly HeaderValue[] | { readonly [name: string]: HeaderValue }

export type HeaderAttribute = {
  readonly name: string
  /** Type as the format names it (box2i, chlist, u32, SHORT, ...). */
  readonly type: string
  /** Decoded value; hex digits in `{ hex }` for a type that is not known. */
  readonly value: HeaderValue
  /** Where the value lies in the file: whoever wants its hash finds the bytes there. */
  readonly span: Span
  /** `value` holds only the beginning. */
  readonly truncated: boolean
}

/** Part (EXR), image element (DPX) or directory (TIFF): the event's Part with typed attributes, its colour not yet decided. */
export type HeaderPart = Omit<Part, "attributes" | "colorSpace"> & { readonly attributes: readonly HeaderAttribute[] }

export type PictureFormat = "exr" | "dpx" | "tiff" | StillFormat

/** Formats of one flat picture, decoded by oiiotool, or by libvips where that knows the colours. */
export type StillFormat = "png" | "jpeg" | "targa" | "webp" | "cineon" | "radiance" | "jpeg2000" | "psd"

export type PictureHeader = {
  readonly format: PictureFormat
  readonly parts: readonly HeaderPart[]
  /** Stretches of the file that are its header. */
  readonly spans: readonly Span[]
  /** Remarkable but not fatal findings, a sentence each. */
  readonly warnings: readonly string[]
}

/** A part of a format without names, views, line orders and deep samples: one window, which is shown whole. */
export const flatPart = ({
  index,
  kind,
  dataWindow,
  ...rest
}: Pick<HeaderPart, "index" | "kind" | "dataWindow" | "attributes"> & Partial<HeaderPart>): HeaderPart => ({
  ...{ index, name: null, view: null, kind, deep: false, compression: "none", lineOrder: null },
  ...{ dataWindow, displayWindow: dataWindow, pixelAspect: 1, tiles: null, chunkCount: null, channels: [] },
  ...rest,
})

export const flatChannel = (name: string, pixelType: string, xSampling = 1, ySampling = 1): Channel => ({
  name,
  pixelType,
  xSampling,
  ySampling,
  perceptuallyLinear: false,
})

export const boxWidth = (box: Box): number => box.xMax - box.xMin + 1

export const boxHeight = (box: Box): number => box.yMax - box.yMin + 1

/** The window of a picture without windows of its own: its size, from 0. */
export const sizeBox = (width: number, height: number): Box => ({ xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 })

/** Bytes that one sample takes once decoded: half is 2, uint10 is 2, float32 is 4. */
export function sampleBytes(pixelType: string): number {
  if (pixelType === "half") return 2
  const bits = Number(/\d+$/.exec(pixelType)?.[0] ?? 32)
  return 2 ** Math.max(0, Math.ceil(Math.log2(bits / 8)))
}

export const attributeNamed = (part: HeaderPart, name: string): HeaderAttribute | undefined =>
  part.attributes.find((attribute) => attribute.name === name)

/** The value where it is one number, else null. */
export function numberNamed(part: HeaderPart, name: string): number | null {
  const value = attributeNamed(part, name)?.value
  return typeof value === "number" ? value : null
}

/** The value where it is text, else null. */
export function textNamed(part: HeaderPart, name: string): string | null {
  const value = attributeNamed(part, name)?.value
  return typeof value === "string" ? value : null
}

/** The numbers of a list or of a record with numbers only, in order; a single number is a list of one; else empty. */
export function numbersNamed(part: HeaderPart, name: string): readonly number[] {
  const value = attributeNamed(part, name)?.value
  if (value === undefined || typeof value === "string") return []
  const items = typeof value === "number" ? [value] : Object.values(value)
  return items.every((item) => typeof item === "number") ? items : []
}

/** First number of a tag, whether it holds one or several (BitsPerSample). */
export const firstNumber = (part: HeaderPart, name: string): number | null =>
  numberNamed(part, name) ?? numbersNamed(part, name)[0] ?? null

/** Which format a file's ending promises. */
export const FORMAT_OF_ENDING: Readonly<Record<string, PictureFormat>> = {
  exr: "exr",
  dpx: "dpx",
  tif: "tiff",
  tiff: "tiff",
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  tga: "targa",
  webp: "webp",
  cin: "cineon",
  hdr: "radiance",
  rgbe: "radiance",
  jp2: "jpeg2000",
  j2k: "jpeg2000",
  j2c: "jpeg2000",
  psd: "psd",
  psb: "psd",
}

/** A name that every tool takes for a file of the format. */
export const fileNameFor = (format: string): string => `shown.${ENDING_FOR_TOOLS[format] ?? format}`

const ENDING_FOR_TOOLS: Readonly<Record<string, string>> = {
  tiff: "tif",
  jpeg: "jpg",
  targa: "tga",
  cineon: "cin",
  radiance: "hdr",
  jpeg2000: "jp2",
}

/** Pixel type of the channel of a name; undefined where the part has none such. */
export const pixelTypeOf = (part: HeaderPart | undefined, name: string | undefined): string | undefined =>
  part?.channels.find((channel) => channel.name === name)?.pixelType
