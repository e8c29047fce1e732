import type { Box } from "../../../events/records.generated.ts"
import { type Failure, failure } from "../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart, sampleBytes } from "./model.ts"

/** What a header may ask for. Far above every real frame, far below what hurts a worker. */
export type HeaderLimits = {
  /** Bytes of one file that are read in search of its header. */
  readonly headerBytes: number
  /** Separate stretches of one file that are read in search of its header (TIFF directories lie anywhere). */
  readonly stretches: number
  /** EXR parts; a file with more is refused. */
  readonly parts: number
  /** TIFF directories and DPX elements that are read; later ones are left unread with a warning. */
  readonly directories: number
  readonly channelsPerPart: number
  readonly attributesPerPart: number
  /** Attributes and channels of all EXR parts together. */
  readonly items: number
  readonly tagsPerDirectory: number
  /** Bytes of a text, list or tag that are decoded; the rest is cut. */
  readonly valueBytes: number
  /** Numbers of a TIFF tag that are decoded; the rest is cut. */
  readonly listItems: number
  /** Bytes of all TIFF tags together that are decoded: many tags may point at one place. */
  readonly decodedBytes: number
  /** Bytes of an unknown value that are kept as hex. */
  readonly hexBytes: number
  /** Width and height of a window, pixels. */
  readonly sidePixels: number
  /** Area of a window, pixels. */
  readonly areaPixels: number
  /** Data window over display window, by area; asked only above `freeAreaPixels`, where it could hurt. */
  readonly dataOverDisplay: number
  readonly freeAreaPixels: number
  /** All channels of the shown part, undecoded sample types, bytes. */
  readonly pixelMemoryBytes: number
  /** Samples in one deep pixel that a header may announce. */
  readonly deepSamplesPerPixel: number
  /** Smallest and largest pixel aspect ratio. */
  readonly pixelAspect: readonly [min: number, max: number]
}

export const DEFAULT_LIMITS: HeaderLimits = Object.freeze({
  headerBytes: 16 * 1024 * 1024,
  stretches: 96,
  parts: 1024,
  directories: 32,
  channelsPerPart: 4096,
  attributesPerPart: 4096,
  items: 100_000,
  tagsPerDirectory: 512,
  valueBytes: 64 * 1024,
  listItems: 4096,
  decodedBytes: 8 * 1024 * 1024,
  hexBytes: 256,
  sidePixels: 65_535,
  areaPixels: 300_000_000,
  dataOverDisplay: 64,
  freeAreaPixels: 16_000_000,
  pixelMemoryBytes: 8 * 1024 ** 3,
  deepSamplesPerPixel: 65_536,
  pixelAspect: Object.freeze([0.1, 10] as const),
})

/**
 * What becomes of a header that goes beyond a limit. `refused`: nothing is told of it (picture/over-limit). `cut`: the value
 * is told in part, and marked as truncated. `left out`: what lies beyond is not told, which a warning says. `not shown`: the
 * header is told whole, but no decoder is started for the picture (picture/over-limit).
 */
export type BeyondLimit = "refused" | "cut" | "left out" | "not shown"

export const BEYOND_LIMITS: Readonly<Record<keyof HeaderLimits, BeyondLimit>> = {
  headerBytes: "refused",
  stretches: "left out",
  parts: "refused",
  directories: "left out",
  channelsPerPart: "refused",
  attributesPerPart: "refused",
  items: "refused",
  tagsPerDirectory: "left out",
  valueBytes: "cut",
  listItems: "cut",
  decodedBytes: "left out",
  hexBytes: "cut",
  sidePixels: "refused",
  areaPixels: "refused",
  dataOverDisplay: "not shown",
  freeAreaPixels: "not shown",
  pixelMemoryBytes: "not shown",
  deepSamplesPerPixel: "not shown",
  pixelAspect: "not shown",
}

/** OpenEXR itself refuses coordinates beyond this: widths would overflow its integers. */
const MAX_COORDINATE = 2 ** 30

/** Why a window cannot be shown, or null. Fails: picture/damaged when inverted, picture/over-limit when too large. */
export function windowProblem(name: string, box: Box, limits: HeaderLimits): Failure | null {
  const [width, height] = [boxWidth(box), boxHeight(box)]
  const size = `The ${name} window is ${width}x${height} pixels`
  if (width < 1 || height < 1) return failure("picture/damaged", `${size}: it is inverted or empty.`)
  const far = Math.max(...[box.xMin, box.yMin, box.xMax, box.yMax].map(Math.abs))
  if (far > MAX_COORDINATE) return failure("picture/over-limit", `The ${name} window reaches to coordinate ${far}.`)
  if (Math.max(width, height) > limits.sidePixels)
    return failure("picture/over-limit", `${size}; a side may have ${limits.sidePixels}.`)
  if (width * height > limits.areaPixels)
    return failure("picture/over-limit", `${size}; the area may have ${limits.areaPixels}.`)
  return null
}

/** Why the shown part would hurt the decoder, or null: asked before any decoder starts. */
export function partProblem(part: HeaderPart, limits: HeaderLimits): Failure | null {
  return overscanProblem(part, limits) ?? memoryProblem(part, limits) ?? aspectProblem(part.pixelAspect, limits)
}

function overscanProblem({ dataWindow, displayWindow }: HeaderPart, limits: HeaderLimits): Failure | null {
  const data = boxWidth(dataWindow) * boxHeight(dataWindow)
  const display = boxWidth(displayWindow) * boxHeight(displayWindow)
  if (data <= limits.freeAreaPixels || data <= display * limits.dataOverDisplay) return null
  const says = `The data window has ${data} pixels, more than ${limits.dataOverDisplay} times the display window's ${display}.`
  return failure("picture/over-limit", says)
}

function memoryProblem(part: HeaderPart, limits: HeaderLimits): Failure | null {
  const pixels = boxWidth(part.dataWindow) * boxHeight(part.dataWindow)
  const pixelBytes = part.channels.reduce((sum, channel) => sum + sampleBytes(channel.pixelType), 0)
  const samples = part.deep ? deepSamples(part) : 1
  if (samples > limits.deepSamplesPerPixel)
    return failure("picture/over-limit", `The header announces up to ${samples} deep samples in one pixel.`)
  if (pixels * pixelBytes <= limits.pixelMemoryBytes) return null
  const says = `${part.channels.length} channels of ${pixels} pixels need ${pixels * pixelBytes} bytes; ${limits.pixelMemoryBytes} are allowed.`
  return failure("picture/over-limit", says)
}

/** `maxSamplesPerPixel` where the file states one; -1 and absence mean unknown. */
function deepSamples(part: HeaderPart): number {
  const stated = part.attributes.find((attribute) => attribute.name === "maxSamplesPerPixel")?.value
  return typeof stated === "number" ? stated : 1
}

function aspectProblem(aspect: number, { pixelAspect: [min, max] }: HeaderLimits): Failure | null {
  if (!Number.isFinite(aspect) || aspect <= 0)
    return failure("picture/damaged", `The pixel aspect ratio is ${aspect}; it must be a number above zero.`)
  if (aspect >= min && aspect <= max) return null
  return failure("picture/over-limit", `The pixel aspect ratio is ${aspect}; ${min} to ${max} are shown.`)
}
