import { deflateSync, zstdCompressSync } from "node:zlib"
import { type MadeTag, tiffFile } from "../../read/header/testing/tiff-file.ts"

/** A TIFF of pixels that differ from their neighbours in every direction, stored in one way of many. */
export type VariedTiff = {
  readonly photometric: number
  readonly bits: number
  readonly samples: number
  /** 1 unsigned, 2 signed, 3 float. */
  readonly format?: number
  readonly compression?: "none" | "zip" | "zstd"
  readonly extras?: readonly number[]
  readonly planar?: boolean
  /** Side of its tiles; absent for strips. */
  readonly tile?: number
  readonly rowsPerStrip?: number
  readonly bigEndian?: boolean
  readonly bigTiff?: boolean
  readonly more?: readonly MadeTag[]
}

/** Odd on purpose: neither strips nor tiles nor bits end where the picture does. */
export const [WIDTH, HEIGHT] = [45, 37]

const COMPRESSIONS = { none: 1, zip: 8, zstd: 50_000 } as const

/** Sample of a place before it is stored, between 0 and 1. */
const part = (x: number, y: number, c: number): number => (((x * 37 + y * 11 + c * 101 + x * y) % 251) + 2) / 256

/** What the samples of one channel mean, rows one after the other. */
export function variedPlane({ bits, format = 1 }: VariedTiff, c: number): Float32Array {
  const highest = 2 ** (format === 2 ? bits - 1 : bits) - 1
  return Float32Array.from({ length: WIDTH * HEIGHT }, (_, n) => {
    const value = part(n % WIDTH, Math.floor(n / WIDTH), c)
    return format === 3 ? value * 2 - 0.5 : codeOf(value, bits, format) / highest
  })
}

/** The file. */
export function variedTiff(made: VariedTiff): Uint8Array {
  const { samples, compression = "none", format = 1, extras, more = [], bigEndian = false, bigTiff = false } = made
  const planes = Array.from({ length: made.planar ? samples : 1 }, (_, plane) => plane)
  const packed = planes.flatMap((plane) =>
    chunksOf(made).map((chunk) => compressed(chunkBytes(made, chunk, plane), compression)),
  )
  const tags: readonly MadeTag[] = [
    [256, 4, [WIDTH]],
    [257, 4, [HEIGHT]],
    [258, 3, new Array(samples).fill(made.bits)],
    [259, 3, [COMPRESSIONS[compression]]],
    [262, 3, [made.photometric]],
    [277, 3, [samples]],
    [284, 3, [made.planar ? 2 : 1]],
    [339, 3, new Array(samples).fill(format)],
    ...placed(made, packed),
    ...(extras === undefined ? [] : [[338, 3, extras] as const]),
    ...more,
  ]
  return tiffFile({ bigEndian, bigTiff, directories: [{ tags, pixels: Buffer.concat(packed) }] })
}

/** Where the pixels are. */
function placed({ tile, rowsPerStrip = 10, bigTiff }: VariedTiff, packed: readonly Uint8Array[]): readonly MadeTag[] {
  let at = bigTiff ? 16 : 8
  const offsets = packed.map(({ length }) => {
    at += length
    return at - length
  })
  const lengths = packed.map(({ length }) => length)
  if (tile === undefined)
    return [
      [273, 4, offsets],
      [278, 4, [rowsPerStrip]],
      [279, 4, lengths],
    ]
  return [
    [322, 4, [tile]],
    [323, 4, [tile]],
    [324, 4, offsets],
    [325, 4, lengths],
  ]
}

type Chunk = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

function chunksOf({ tile, rowsPerStrip = 10 }: VariedTiff): readonly Chunk[] {
  const [width, height] = tile === undefined ? [WIDTH, rowsPerStrip] : [tile, tile]
  const [across, down] = [Math.ceil(WIDTH / width), Math.ceil(HEIGHT / height)]
  return Array.from({ length: across * down }, (_, n) => {
    const y = Math.floor(n / across) * height
    return { x: (n % across) * width, y, width, height: tile === undefined ? Math.min(height, HEIGHT - y) : height }
  })
}

function chunkBytes(made: VariedTiff, { x, y, width, height }: Chunk, plane: number): Uint8Array {
  const channels = made.planar ? [plane] : Array.from({ length: made.samples }, (_, c) => c)
  const rows = Array.from({ length: height }, (_, row) => {
    const values = Array.from({ length: width }, (_, column) =>
      channels.map((c) => part(x + column, y + row, c)),
    ).flat()
    return made.bits % 8 === 0 ? wholeBytes(values, made) : packedBits(values, made.bits)
  })
  return Buffer.concat(rows)
}

function wholeBytes(values: readonly number[], { bits, format = 1, bigEndian = false }: VariedTiff): Uint8Array {
  const view = new DataView(new ArrayBuffer((values.length * bits) / 8))
  values.forEach((value, n) => {
    const at = (n * bits) / 8
    if (format === 3) setFloat(view, at, { value: value * 2 - 0.5, bits, little: !bigEndian })
    else setCode(view, at, { value: codeOf(value, bits, format), bits, little: !bigEndian })
  })
  return new Uint8Array(view.buffer)
}

/** Signed ones are negative here and there. */
const codeOf = (value: number, bits: number, format: number): number =>
  format === 2 ? Math.round((value * 1.5 - 0.5) * (2 ** (bits - 1) - 1)) : Math.round(value * (2 ** bits - 1))

type Stored = { readonly value: number; readonly bits: number; readonly little: boolean }

function setFloat(view: DataView, at: number, { value, bits, little }: Stored): void {
  if (bits === 64) view.setFloat64(at, value, little)
  else if (bits === 32) view.setFloat32(at, value, little)
  else view.setFloat16(at, value, little)
}

function setCode(view: DataView, at: number, { value, bits, little }: Stored): void {
  if (bits === 32) view.setUint32(at, value, little)
  else if (bits === 16) view.setUint16(at, value, little)
  else view.setUint8(at, value)
}

function packedBits(values: readonly number[], bits: number): Uint8Array {
  const digits = values.map((value) => codeOf(value, bits, 1).toString(2).padStart(bits, "0")).join("")
  return Uint8Array.from({ length: Math.ceil(digits.length / 8) }, (_, n) =>
    Number.parseInt(digits.slice(n * 8, n * 8 + 8).padEnd(8, "0"), 2),
  )
}

function compressed(bytes: Uint8Array, compression: keyof typeof COMPRESSIONS): Uint8Array {
  if (compression === "zip") return deflateSync(bytes)
  return compression === "zstd" ? zstdCompressSync(bytes) : bytes
}

export const rgb = (bits: number, rest: Partial<VariedTiff> = {}): VariedTiff => ({
  ...{ photometric: 2, bits, samples: 3 },
  ...rest,
})

/** A kind, with what a test of it is called. */
export const named = (made: VariedTiff): readonly [string, VariedTiff] => {
  const { more: _tags, ...told } = made
  return [JSON.stringify(told).replaceAll('"', ""), made]
}
