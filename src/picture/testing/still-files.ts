import { crc32, deflateSync } from "node:zlib"
import sharp, { type Sharp } from "sharp"
import { DISPLAY_CODES } from "./pattern.ts"

const SIDE = 64

/** Codes of the pattern at a pixel of a picture of 64x64. */
export const codesAt = (x: number, y: number): readonly [number, number, number] =>
  DISPLAY_CODES[(y < SIDE / 2 ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)] ?? [0, 0, 0]

/** The pattern's samples, row by row; more of them a pixel as `pixel` says. */
export const patternSamples = (
  pixel: (codes: readonly [number, number, number], x: number, y: number) => readonly number[] = (codes) => codes,
): readonly number[] =>
  Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    return pixel(codesAt(x, y), x, y)
  }).flat()

/** The pattern as libvips takes it: an encoder that had no part in the product's decoders. */
export function vips(samples: readonly number[], bits: 8 | 16 = 8): Sharp {
  const channels = (samples.length / SIDE ** 2) as 1 | 2 | 3 | 4
  const data = bits === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples, (code) => code * 257)
  const space = bits === 8 ? "srgb" : "rgb16"
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels } }).toColourspace(
    channels < 3 ? (bits === 8 ? "b-w" : "grey16") : space,
  )
}

export type PngChunk = readonly [type: string, data: Uint8Array]

const u32 = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * at)
  return bytes
}

const chunk = ([type, data]: PngChunk): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  return Buffer.concat([u32(data.length), body, u32(crc32(body))])
}

/** Numbers of a chunk, 32 bits each. */
export const pngNumbers = (type: string, ...numbers: readonly number[]): PngChunk => [type, u32(...numbers)]

/** A PNG of 8-bit R, G, B with chunks before its pixels, in the bytes of the specification. */
export function pngFile(
  chunks: readonly PngChunk[],
  header: Partial<{ width: number; height: number; bits: number; colourType: number }> = {},
): Buffer {
  const { width = SIDE, height = SIDE, bits = 8, colourType = 2 } = header
  const rows = Array.from({ length: SIDE }, (_, y) => [
    0,
    ...Array.from({ length: SIDE }, (_, x) => codesAt(x, y)).flat(),
  ])
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk(["IHDR", Buffer.concat([u32(width, height), Buffer.from([bits, colourType, 0, 0, 0])])]),
    ...chunks.map(chunk),
    chunk(["IDAT", deflateSync(Uint8Array.from(rows.flat()))]),
    chunk(["IEND", new Uint8Array(0)]),
  ])
}

/** An ICC profile as a PNG holds it. */
export const pngProfile = (profile: Uint8Array): PngChunk => [
  "iCCP",
  Buffer.concat([Buffer.from("profile\0\0", "latin1"), deflateSync(profile)]),
]
