import type { Channel, Tiles } from "../../../events/records.generated.ts"
import { refuse } from "./bytes.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import { type HeaderAttribute, type HeaderPart, type HeaderValue, numberNamed, numbersNamed, sizeBox } from "./model.ts"
import { storedChannels, tiffCompressionName } from "./tiff-names.ts"

type RawDirectory = {
  readonly attributes: readonly HeaderAttribute[]
  readonly index: number
  readonly fileSizeBytes: number
}

/** A directory from its tags. Ends the reading where it describes no picture, or one that lies outside the file. */
export function tiffPart({ attributes, index, fileSizeBytes }: RawDirectory, limits: HeaderLimits): HeaderPart {
  const bare = bareDirectory(index, attributes)
  const [width, height] = [firstNumber(bare, "ImageWidth") ?? 0, firstNumber(bare, "ImageLength") ?? 0]
  const window = sizeBox(width, height)
  const problem = windowProblem("image", window, limits)
  if (problem !== null) refuse(problem.code, problem.says)
  const samples = firstNumber(bare, "SamplesPerPixel") ?? 1
  if (samples < 1 || samples > limits.channelsPerPart)
    refuse(
      "picture/over-limit",
      `Directory ${index} has ${samples} samples in a pixel; ${limits.channelsPerPart} are read.`,
    )
  checkLocations(bare, fileSizeBytes)
  const tiles = tileSize(bare, limits)
  return {
    ...bare,
    kind: tiles === null ? "strips" : "tiles",
    compression: tiffCompressionName(firstNumber(bare, "Compression") ?? 1),
    dataWindow: window,
    displayWindow: window,
    pixelAspect: tiffAspect(bare),
    tiles,
    chunkCount: locationCount(bare),
    channels: directoryChannels(bare, samples),
  }
}

const bareDirectory = (index: number, attributes: readonly HeaderAttribute[]): HeaderPart => ({
  index,
  name: null,
  view: null,
  kind: "strips",
  deep: false,
  compression: "none",
  lineOrder: null,
  dataWindow: sizeBox(0, 0),
  displayWindow: sizeBox(0, 0),
  pixelAspect: 1,
  tiles: null,
  chunkCount: null,
  channels: [],
  attributes,
})

/** First number of a tag, whether it holds one or several (BitsPerSample). */
export const firstNumber = (part: HeaderPart, name: string): number | null =>
  numberNamed(part, name) ?? numbersNamed(part, name)[0] ?? null

const locationTag = (part: HeaderPart): HeaderAttribute | undefined =>
  part.attributes.find(({ name }) => name === "StripOffsets" || name === "TileOffsets")

function locationCount(part: HeaderPart): number | null {
  const tag = locationTag(part)
  if (tag === undefined) return null
  const itemBytes = tag.type === "SHORT" ? 2 : tag.type === "LONG8" ? 8 : 4
  return Math.floor(tag.span.lengthBytes / itemBytes)
}

function checkLocations(part: HeaderPart, fileSizeBytes: number): void {
  const tag = locationTag(part)
  if (tag === undefined) refuse("picture/damaged", `Directory ${part.index} does not say where its pixels are.`)
  // Beyond what a number holds an offset is text, and far beyond the end.
  const offsets = Array.isArray(tag?.value) ? (tag.value as readonly HeaderValue[]) : [tag?.value ?? 0]
  const beyond = offsets.find((offset) => !(typeof offset === "number" && offset < fileSizeBytes))
  if (beyond === undefined) return
  const says = `Directory ${part.index} puts pixels at byte ${beyond} of ${fileSizeBytes}: the file is truncated or inconsistent.`
  refuse("picture/damaged", says)
}

function tileSize(part: HeaderPart, limits: HeaderLimits): Tiles | null {
  const [width, height] = [firstNumber(part, "TileWidth"), firstNumber(part, "TileLength")]
  if (width === null && height === null) return null
  if (width === null || height === null || width < 1 || height < 1)
    return refuse("picture/damaged", `The tiles of directory ${part.index} are ${width}x${height} pixels.`)
  if (width * height > limits.areaPixels)
    return refuse("picture/over-limit", `The tiles of directory ${part.index} are ${width}x${height} pixels.`)
  return { width, height, levelMode: "one-level", roundingMode: "down" }
}

/** Pixels per unit across over down: where both are believable, else 1. */
function tiffAspect(part: HeaderPart): number {
  const aspect = (firstNumber(part, "YResolution") ?? 0) / (firstNumber(part, "XResolution") ?? 0)
  return aspect >= 0.1 && aspect <= 10 ? aspect : 1
}

const SAMPLE_FORMATS = ["uint", "uint", "int", "float", "void", "complexint", "complex"] as const

function directoryChannels(part: HeaderPart, samples: number): readonly Channel[] {
  const format = SAMPLE_FORMATS[firstNumber(part, "SampleFormat") ?? 1] ?? "void"
  const bits = firstNumber(part, "BitsPerSample") ?? 1
  const [across = 2, down = 2] = numbersNamed(part, "YCbCrSubSampling")
  const names = storedChannels(
    firstNumber(part, "PhotometricInterpretation") ?? -1,
    samples,
    numbersNamed(part, "ExtraSamples"),
  )
  return names.map((name) => ({
    name,
    pixelType: `${format}${bits}`,
    xSampling: name.startsWith("C") && name.length === 2 ? across : 1,
    ySampling: name.startsWith("C") && name.length === 2 ? down : 1,
    perceptuallyLinear: false,
  }))
}
