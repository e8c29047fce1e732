import type { Channel, Tiles } from "../../../events/records.generated.ts"
import {
  attempt,
  type Cursor,
  type FileBytes,
  type HeaderOutcome,
  openCursor,
  orStop,
  refuse,
  type Span,
} from "./bytes.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import {
  firstNumber,
  flatChannel,
  flatPart,
  type HeaderAttribute,
  type HeaderPart,
  type HeaderValue,
  numbersNamed,
  type PictureHeader,
  sizeBox,
} from "./model.ts"
import { storedChannels, tiffCompressionName } from "./tiff-names.ts"
import { type Flavour, nextDirectory, readTags, type TiffReading } from "./tiff-tags.ts"

const CLASSIC: Flavour = { big: false, countBytes: 2, entryBytes: 12, inlineBytes: 4, word: (cursor) => cursor.u32() }
const BIG: Flavour = { big: true, countBytes: 8, entryBytes: 20, inlineBytes: 8, word: (cursor) => cursor.u64() }

type TiffVariant = { readonly littleEndian: boolean; readonly big: boolean }

/**
 * Header of a TIFF or BigTIFF: every directory of the main chain, up to the limit. Directories may lie anywhere, so
 * more bytes are asked for one after another. A later directory that cannot be read is left out with a warning.
 * Fails: picture/damaged, picture/over-limit.
 */
export const readTiff = (file: FileBytes, variant: TiffVariant, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => tiffHeader(file, variant, limits))

function tiffHeader(file: FileBytes, { littleEndian, big }: TiffVariant, limits: HeaderLimits): PictureHeader {
  const cursor = openCursor(file, littleEndian)
  const flavour = big ? BIG : CLASSIC
  const reading = { cursor, flavour, limits, fileSizeBytes: file.fileSizeBytes, decodedBytes: 0 }
  let offset = firstDirectory(cursor, flavour)
  const parts: HeaderPart[] = []
  const spans: Span[] = [{ offset: 0, lengthBytes: cursor.position() }]
  const warnings: string[] = []
  const seen = new Set<number>()
  while (offset !== 0) {
    const blocked = endOfChain(offset, seen, limits)
    const directory = attempt(() => readDirectory(reading, offset, parts.length))
    if (blocked !== null || (directory.kind === "failed" && parts.length > 0)) {
      warnings.push(blocked ?? unreadable(parts.length, directory))
      break
    }
    const { part, next, span, warnings: remarks } = orStop(directory)
    seen.add(offset)
    parts.push(part)
    spans.push(span)
    warnings.push(...remarks)
    offset = next
  }
  if (parts.length === 0) refuse("picture/damaged", "The TIFF has no directory: it is truncated or inconsistent.")
  return { format: "tiff", parts, spans, warnings }
}

const unreadable = (index: number, directory: HeaderOutcome<Directory>): string =>
  `Directory ${index} of the TIFF is left out: ${directory.kind === "failed" ? directory.failure.says : ""}`

/** Why the chain of directories is not followed further, or null. */
function endOfChain(offset: number, seen: ReadonlySet<number>, limits: HeaderLimits): string | null {
  if (seen.has(offset)) return "The chain of TIFF directories loops; it is read once."
  return seen.size < limits.directories ? null : `Only the first ${limits.directories} TIFF directories are read.`
}

function firstDirectory(cursor: Cursor, flavour: Flavour): number {
  cursor.seek(4)
  if (flavour.big && (cursor.u16() !== 8 || cursor.u16() !== 0))
    refuse("picture/damaged", "The BigTIFF start is malformed: its offsets do not have 8 bytes.")
  return flavour.word(cursor)
}

type Directory = {
  readonly part: HeaderPart
  readonly next: number
  readonly span: Span
  readonly warnings: readonly string[]
}

function readDirectory(reading: TiffReading, offset: number, index: number): Directory {
  const { cursor, flavour, limits, fileSizeBytes } = reading
  cursor.seek(offset)
  const count = flavour.big ? cursor.u64() : cursor.u16()
  const first = offset + flavour.countBytes
  const end = first + count * flavour.entryBytes
  const { attributes, warnings } = readTags(reading, index, { first, count })
  const part = tiffPart({ attributes, index, fileSizeBytes }, limits)
  const next = nextDirectory(reading, end)
  // Of a directory of too many tags only the beginning has been read.
  const readEnd = first + Math.min(count, limits.tagsPerDirectory) * flavour.entryBytes
  const lengthBytes = Math.min(readEnd === end ? end + flavour.inlineBytes : readEnd, fileSizeBytes) - offset
  return { part, next, span: { offset, lengthBytes }, warnings }
}

type RawDirectory = {
  readonly attributes: readonly HeaderAttribute[]
  readonly index: number
  readonly fileSizeBytes: number
}

/** A directory from its tags. Ends the reading where it describes no picture, or one that lies outside the file. */
function tiffPart({ attributes, index, fileSizeBytes }: RawDirectory, limits: HeaderLimits): HeaderPart {
  const bare = flatPart({ index, kind: "strips", dataWindow: sizeBox(0, 0), attributes })
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
  const isChroma = (name: string): boolean => name.startsWith("C") && name.length === 2
  return names.map((name) => flatChannel(name, `${format}${bits}`, ...(isChroma(name) ? [across, down] : [])))
}
