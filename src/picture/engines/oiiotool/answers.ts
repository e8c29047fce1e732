import { NEARLY_BLACK } from "../../model.ts"

/** Pixel statistics as oiiotool prints them, one number a channel. */
export type Stats = {
  readonly max: readonly number[]
  readonly average: readonly number[]
  readonly nonFinite: readonly number[]
}

/** The first statistics in oiiotool's output, null when there are none. */
export function parseStats(stdout: string): Stats | null {
  const [max, average] = [numbersAfter("Max", stdout), numbersAfter("Avg", stdout)]
  const [nan, infinite] = [numbersAfter("NanCount", stdout), numbersAfter("InfCount", stdout)]
  if (max === null || average === null || nan === null || infinite === null) return null
  return { max, average, nonFinite: nan.map((count, channel) => count + (infinite[channel] ?? 0)) }
}

function numbersAfter(label: string, text: string): readonly number[] | null {
  const match = new RegExp(`^\\s*Stats ${label}:([^(\\n]*)`, "m").exec(text)
  return match === null ? null : (match[1] ?? "").trim().split(/\s+/).map(Number)
}

/** Non-finite samples, a channel that is shown three times (grey) counted once. */
export function nonFiniteSamples({ nonFinite }: Stats, channels: readonly string[]): number {
  return nonFinite.reduce(
    (sum, count, index) => (channels.indexOf(channels[index] ?? "") === index ? sum + count : sum),
    0,
  )
}

/** Linear light that no look turns to black: a fiftieth of white somewhere, and more than a stray pixel of it. */
export const hasLight = ({ max, average }: Stats): boolean => Math.max(...max) > 0.02 && Math.max(...average) > 1e-4

/** Largest value of a 16-bit sample. */
const WHITE = 65_535

/** The largest and the mean luminance that ffmpeg's signalstats measured in 16 bits, null when it measured none. */
export function parseLight(stdout: string): Stats | null {
  const [max, average] = ["YMAX", "YAVG"].map((name) => new RegExp(`signalstats\\.${name}=([\\d.]+)`).exec(stdout)?.[1])
  if (max === undefined || average === undefined) return null
  return { max: [Number(max) / WHITE], average: [Number(average) / WHITE], nonFinite: [] }
}

/** What the intermediate holds, as far as the engine must know. */
export type WrittenTiff = {
  readonly width: number
  readonly height: number
  readonly allBlack: boolean
  readonly nearlyBlack: boolean
}

const [WIDTH, HEIGHT, BITS, COMPRESSION, OFFSETS, SAMPLES, COUNTS, TILE] = [256, 257, 258, 259, 273, 277, 279, 322]
/** Largest 16-bit value that 8 bits show as 0. */
const BLACK_MAX = 128
const NEARLY_BLACK_MAX = NEARLY_BLACK * 257

/**
 * Reads back our own intermediate: RGB, 16 bits, uncompressed strips. Null when it is anything else; a tiled one above
 * all, which ffmpeg would decode to black without a word.
 */
export function readWrittenTiff(bytes: Buffer): WrittenTiff | null {
  if (bytes.length < 8 || bytes.toString("latin1", 0, 4) !== "II*\0") return null
  const tags = readTags(bytes)
  const [width = 0, height = 0] = [tags.get(WIDTH)?.[0], tags.get(HEIGHT)?.[0]]
  const isOurs =
    !tags.has(TILE) &&
    tags.get(COMPRESSION)?.[0] === 1 &&
    tags.get(SAMPLES)?.[0] === 3 &&
    tags.get(BITS)?.every((bits) => bits === 16) === true
  const strips = stripsOf(bytes, tags)
  const held = strips.reduce((sum, strip) => sum + strip.length, 0)
  if (!isOurs || held !== width * height * 6) return null
  return { width, height, allBlack: isBelow(strips, BLACK_MAX), nearlyBlack: isBelow(strips, NEARLY_BLACK_MAX) }
}

function stripsOf(bytes: Buffer, tags: ReadonlyMap<number, readonly number[]>): readonly Buffer[] {
  const counts = tags.get(COUNTS) ?? []
  return (tags.get(OFFSETS) ?? []).map((offset, index) => bytes.subarray(offset, offset + (counts[index] ?? 0)))
}

const isBelow = (strips: readonly Buffer[], most: number): boolean =>
  strips.every((strip) => {
    for (let at = 0; at + 1 < strip.length; at += 2) if (strip.readUInt16LE(at) > most) return false
    return true
  })

/** Values of the first directory's SHORT and LONG tags (TIFF 6.0, section 2). */
function readTags(bytes: Buffer): ReadonlyMap<number, readonly number[]> {
  const tags = new Map<number, readonly number[]>()
  const directory = bytes.readUInt32LE(4)
  if (directory + 2 > bytes.length) return tags
  const entries = bytes.readUInt16LE(directory)
  for (let at = directory + 2; at < directory + 2 + entries * 12 && at + 12 <= bytes.length; at += 12) {
    tags.set(bytes.readUInt16LE(at), valuesAt(bytes, at))
  }
  return tags
}

function valuesAt(bytes: Buffer, entry: number): readonly number[] {
  const [type, count] = [bytes.readUInt16LE(entry + 2), bytes.readUInt32LE(entry + 4)]
  const size = type === 3 ? 2 : type === 4 ? 4 : 0
  const start = size * count <= 4 ? entry + 8 : bytes.readUInt32LE(entry + 8)
  if (size === 0 || start + size * count > bytes.length) return []
  return Array.from({ length: count }, (_, index) =>
    size === 2 ? bytes.readUInt16LE(start + 2 * index) : bytes.readUInt32LE(start + 4 * index),
  )
}
