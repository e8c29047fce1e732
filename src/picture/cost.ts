import { stat } from "node:fs/promises"
import type { Selection } from "../events/records.generated.ts"
import { type Failure, failure } from "../events/result.ts"
import type { RenderJob } from "./model.ts"
import type { HeaderLimits } from "./read/header/limits.ts"
import { boxHeight, boxWidth, type HeaderPart, sampleBytes } from "./read/header/model.ts"
import type { Limits } from "./tools/run-tool.ts"

/** What a picture asks of a tool or a thread, as its header and its size say it. */
export type PictureCost = { readonly pixels: number; readonly sourceBytes: number }

export const costOf = ({ dataWindow }: Pick<Selection, "dataWindow">, sourceBytes: number): PictureCost => ({
  pixels: boxWidth(dataWindow) * boxHeight(dataWindow),
  sourceBytes,
})

/** Bytes of the source; none where it cannot be asked, which whoever opens it will say. */
export const sizeOf = async ({ sourceFile }: Pick<RenderJob, "sourceFile">): Promise<number> =>
  (await stat(sourceFile).catch(() => null))?.size ?? 0

/**
 * Seconds that any picture gets, for each million pixels more, for each MiB of source more: ten times and more of what
 * the slowest ways took on two busy cores (docs/performance.md), so that no sound picture meets them.
 */
const ANY_SECONDS = 30
const SECONDS_PER_MEGAPIXEL = 1
const SECONDS_PER_MIB = 0.25

/** The time limit that these are for; another one stretches them. */
const LIMIT_SECONDS = 300

/**
 * The limits of one picture: time in proportion to the work, up to the time limit of the settings. So a small picture
 * that a decoder hangs on holds its place for half a minute rather than for five, and a file of few bytes gains nothing
 * by claiming many pixels but the time that so many pixels take.
 */
export function limitsFor(limits: Limits, { pixels, sourceBytes }: PictureCost): Limits {
  const seconds = ANY_SECONDS + (pixels / 1e6) * SECONDS_PER_MEGAPIXEL + (sourceBytes / 2 ** 20) * SECONDS_PER_MIB
  const share = Math.min(1, seconds / LIMIT_SECONDS)
  const timeoutMs = Math.min(limits.timeoutMs, Math.max(ANY_SECONDS * 1000, Math.ceil(limits.timeoutMs * share)))
  return { ...limits, timeoutMs }
}

/**
 * Bytes that one compressed byte can become at most, by the format's definition; what is not listed has no such bound.
 * Deflate: 258 bytes from two bits. LZW: a 12-bit code for at most 4094. PackBits and EXR's RLE: 128 from two bytes.
 * TGA's: 128 pixels from a byte and a pixel. Radiance's: 127 bytes from two, a pixel of three floats being four bytes. JPEG:
 * a block of 64 samples from two bits, from one where it is progressive, and colour at half the size.
 */
const MOST_EXPANSION: Readonly<Record<string, number>> = {
  none: 1,
  zip: 1032,
  zips: 1032,
  lzw: 2730,
  packbits: 64,
  rle: 64,
  "tga-rle": 128,
  rgbe: 192,
  "jpeg-baseline": 512,
  "jpeg-sequential": 512,
  "jpeg-progressive": 1024,
}

/**
 * Why the file cannot hold the picture that its header claims, or null: asked before any decoder starts, of pictures that
 * are large enough to hurt. A flat picture of millions of pixels compresses to a thousandth and is fine; what no
 * compressor could have written, such as a thousand strips that all point at the same bytes, is not.
 */
export function claimProblem(part: HeaderPart, fileSizeBytes: number, limits: HeaderLimits): Failure | null {
  const pixels = boxWidth(part.dataWindow) * boxHeight(part.dataWindow)
  const most = MOST_EXPANSION[part.compression]
  if (most === undefined || part.deep || pixels <= limits.freeAreaPixels) return null
  const bytes = part.channels.reduce(
    (sum, { pixelType, xSampling, ySampling }) => sum + (pixels / (xSampling * ySampling)) * leastBytes(pixelType),
    0,
  )
  if (bytes <= fileSizeBytes * most) return null
  const says = `A picture of ${pixels} pixels with ${part.compression} compression needs at least ${Math.ceil(bytes / most)} bytes; the file has ${fileSizeBytes}.`
  return failure("picture/damaged", says)
}

/** Packed samples of ten bits and fewer take less than whole bytes. */
const leastBytes = (pixelType: string): number => {
  const bits = Number(/\d+$/.exec(pixelType)?.[0] ?? 0)
  return bits > 0 && bits < 8 ? bits / 8 : bits > 0 ? Math.floor(bits / 8) : sampleBytes(pixelType)
}
