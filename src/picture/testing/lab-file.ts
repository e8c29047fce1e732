import { deflateSync } from "node:zlib"
import { type MadeTag, tiffFile } from "../read/header/testing/tiff-file.ts"

export type Lab = readonly [lightness: number, a: number, b: number]

export type LabFile = {
  readonly encoding: "cie" | "icc"
  readonly bits: 8 | 16
  /** Of the four quadrants. */
  readonly quadrants: readonly Lab[]
  readonly compression?: "none" | "lzw" | "zip" | "packbits"
  readonly tiled?: boolean
  readonly bigEndian?: boolean
  /** Of 0 to 1, beside the colours, which are not multiplied by it. */
  readonly alpha?: number
  readonly more?: readonly MadeTag[]
}

/** Pixels of a side, of a strip or tile, and of a quadrant. */
export const LAB_SIDE = 64
const BLOCK = 32

const COMPRESSIONS = { none: 1, lzw: 5, zip: 8, packbits: 32_773 }

/** A TIFF whose four quadrants are L*, a*, b*, written by the words of TIFF 6.0 and Adobe's technical notes. */
export function labFile(file: LabFile): Uint8Array {
  const { encoding, bits, compression = "none", tiled = false, bigEndian = false, alpha, more = [] } = file
  const blocks = (tiled ? TILES : STRIPS).map((box) => packed(blockBytes(file, box), compression))
  const offsets = blocks.map((_, at) => 8 + blocks.slice(0, at).reduce((sum, { length }) => sum + length, 0))
  const samples = alpha === undefined ? 3 : 4
  const sizes = blocks.map(({ length }) => length)
  const places: readonly MadeTag[] = tiled
    ? [
        [322, 4, [BLOCK]],
        [323, 4, [BLOCK]],
        [324, 4, offsets],
        [325, 4, sizes],
      ]
    : [
        [273, 4, offsets],
        [278, 4, [BLOCK]],
        [279, 4, sizes],
      ]
  const tags: readonly MadeTag[] = [
    [256, 4, [LAB_SIDE]],
    [257, 4, [LAB_SIDE]],
    [258, 3, Array.from({ length: samples }, () => bits)],
    [259, 3, [COMPRESSIONS[compression]]],
    [262, 3, [encoding === "cie" ? 8 : 9]],
    [277, 3, [samples]],
    ...(alpha === undefined ? [] : [[338, 3, [2]] as const]),
    ...places,
    ...more,
  ]
  return tiffFile({ bigEndian, directories: [{ tags, pixels: Buffer.concat(blocks) }] })
}

type Extent = { readonly x: number; readonly y: number; readonly width: number }

const STRIPS: readonly Extent[] = [0, BLOCK].map((y) => ({ x: 0, y, width: LAB_SIDE }))
const TILES: readonly Extent[] = [0, BLOCK].flatMap((y) => [0, BLOCK].map((x) => ({ x, y, width: BLOCK })))

function blockBytes({ quadrants, alpha, ...file }: LabFile, { x, y, width }: Extent): Uint8Array {
  const pixels = Array.from({ length: width * BLOCK }, (_, at) => {
    const quadrant = (y + Math.floor(at / width) < BLOCK ? 0 : 2) + (x + (at % width) < BLOCK ? 0 : 1)
    const codes = codesOf(quadrants[quadrant] ?? [0, 0, 0], file)
    return alpha === undefined ? codes : [...codes, Math.round(alpha * (2 ** file.bits - 1))]
  }).flat()
  if (file.bits === 8) return Uint8Array.from(pixels)
  const view = new DataView(new ArrayBuffer(pixels.length * 2))
  for (const [at, code] of pixels.entries()) view.setUint16(at * 2, code, file.bigEndian !== true)
  return new Uint8Array(view.buffer)
}

/** The codes of a colour; `Uint8Array` and `Uint16Array` keep the bits of negative numbers. */
export function codesOf([lightness, a, b]: Lab, { encoding, bits }: Pick<LabFile, "encoding" | "bits">): number[] {
  const [white, step] = bits === 8 ? [255, 1] : [encoding === "cie" ? 65_535 : 65_280, 256]
  const zero = encoding === "cie" ? 0 : 128
  const codes = [(lightness / 100) * white, (a + zero) * step, (b + zero) * step].map((code) => Math.round(code))
  return [...(bits === 8 ? Uint8Array.from(codes) : Uint16Array.from(codes))]
}

function packed(bytes: Uint8Array, compression: keyof typeof COMPRESSIONS): Uint8Array {
  const written = { none: (all: Uint8Array) => all, zip: deflateSync, lzw, packbits }[compression](bytes)
  return written.length % 2 === 0 ? written : Buffer.concat([written, Buffer.alloc(1)])
}

/** As literal runs. */
function packbits(bytes: Uint8Array): Uint8Array {
  const runs = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, at) => bytes.subarray(at * 64, at * 64 + 64))
  return Buffer.concat(runs.map((run) => Buffer.concat([Buffer.of(run.length - 1), run])))
}

const [CLEAR, END] = [256, 257]

/** As codes of single bytes, the table cleared before codes become longer than nine bits. */
function lzw(bytes: Uint8Array): Uint8Array {
  const codes = [...bytes].flatMap((byte, at) => (at % 200 === 0 ? [CLEAR, byte] : [byte]))
  const digits = [...codes, END].map((code) => code.toString(2).padStart(9, "0")).join("")
  return Uint8Array.from(digits.match(/.{1,8}/g) ?? [], (eight) => Number.parseInt(eight.padEnd(8, "0"), 2))
}
