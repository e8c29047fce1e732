import { codesAt, patternSamples } from "./still-files.ts"

const SIDE = 64
type Colour = readonly [number, number, number]

/** Pixels of the pattern, row by row, each as `pixel` writes it. */
const rows = (pixel: (codes: Colour, x: number, y: number) => readonly number[]): Buffer =>
  Buffer.from(patternSamples(pixel))

/** Header of a TGA of 64x64, and its pixels (Truevision TGA 2.0). */
export function tgaFile(
  pixels: Buffer,
  {
    type = 2,
    bits = 24,
    descriptor = 0x20,
    palette = [],
  }: { type?: number; bits?: number; descriptor?: number; palette?: readonly Colour[] } = {},
): Buffer {
  const head = Buffer.alloc(18)
  head[1] = palette.length > 0 ? 1 : 0
  head[2] = type
  head.writeUInt16LE(palette.length, 5)
  head[7] = palette.length > 0 ? 24 : 0
  head.writeUInt16LE(SIDE, 12)
  head.writeUInt16LE(SIDE, 14)
  head[16] = bits
  head[17] = descriptor
  return Buffer.concat([head, Buffer.from(palette.flatMap(([red, green, blue]) => [blue, green, red])), pixels])
}

/** Blue first; `flip` and `flop` store the lowest row and the rightmost column first. */
export const tgaPixels = ({
  alpha,
  flip = false,
  flop = false,
}: {
  alpha?: number
  flip?: boolean
  flop?: boolean
} = {}): Buffer =>
  rows((_, x, y) => {
    const [red, green, blue] = codesAt(flop ? SIDE - 1 - x : x, flip ? SIDE - 1 - y : y)
    return alpha === undefined ? [blue, green, red] : [blue, green, red, alpha]
  })

/** Runs of half a row: a count with its highest bit set, and the pixel. */
export const tgaRuns = (): Buffer =>
  Buffer.from(
    Array.from({ length: SIDE }, (_, y) =>
      [0, SIDE / 2].flatMap((x) => [0x80 | (SIDE / 2 - 1), ...[...codesAt(x, y)].reverse()]),
    ).flat(),
  )

export const tgaOf16Bits = (): Buffer =>
  rows(([red, green, blue]) => {
    const word = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3)
    return [word & 255, word >> 8]
  })

/** A pixel of Radiance: three mantissas of the largest one's exponent. */
function rgbe(light: readonly number[]): readonly number[] {
  const exponent = Math.floor(Math.log2(Math.max(...light))) + 1
  return [...light.map((one) => Math.floor((one / 2 ** exponent) * 256)), exponent + 128]
}

/** A Radiance picture of the quadrants' light, without runs. `stored` says which pixel of the picture is stored where. */
export function radianceFile(
  light: readonly (readonly number[])[],
  {
    lines = "",
    resolution = `-Y ${SIDE} +X ${SIDE}`,
    stored = (x: number, y: number) => [x, y],
  }: { lines?: string; resolution?: string; stored?: (x: number, y: number) => readonly number[] } = {},
): Buffer {
  const pixels = rows((_, column, row) => {
    const [x = 0, y = 0] = stored(column, row)
    return rgbe(light[(y < SIDE / 2 ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)] ?? [])
  })
  return Buffer.concat([Buffer.from(`#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n${lines}\n${resolution}\n`, "latin1"), pixels])
}

/** A Cineon file of three codes of ten bits a pixel (Kodak Cineon 4.5). */
export function cineonFile(
  codes: readonly (readonly number[])[],
  {
    littleEndian = false,
    orientation = 0,
    flip = false,
  }: { littleEndian?: boolean; orientation?: number; flip?: boolean } = {},
): Buffer {
  const file = Buffer.alloc(2048 + SIDE * SIDE * 4)
  const u32 = (value: number, at: number): number =>
    littleEndian ? file.writeUInt32LE(value >>> 0, at) : file.writeUInt32BE(value >>> 0, at)
  u32(0x802a5fd7, 0)
  u32(2048, 4)
  file[192] = orientation
  file[193] = 3
  for (const channel of [0, 1, 2]) {
    file[196 + 28 * channel + 1] = channel + 1
    file[196 + 28 * channel + 2] = 10
    u32(SIDE, 200 + 28 * channel)
    u32(SIDE, 204 + 28 * channel)
  }
  file[681] = 5
  for (let at = 0; at < SIDE * SIDE; at += 1) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    const isTop = flip ? y >= SIDE / 2 : y < SIDE / 2
    const [red = 0, green = 0, blue = 0] = codes[(isTop ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)] ?? []
    u32((red << 22) | (green << 12) | (blue << 2), 2048 + 4 * at)
  }
  return file
}

type Psd = {
  readonly mode?: number
  readonly bits?: number
  readonly planes: readonly Buffer[]
  readonly hasComposite?: boolean
  readonly palette?: readonly Colour[]
  readonly profile?: Uint8Array
}

/** A PSD without layers: header, colour table, resources, composite (Adobe Photoshop file formats specification). */
export function psdFile({ mode = 3, bits = 8, planes, hasComposite = true, palette = [], profile }: Psd): Buffer {
  const head = Buffer.from([
    ...Buffer.from("8BPS", "latin1"),
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    ...u16(planes.length),
    ...u32(SIDE),
    ...u32(SIDE),
    ...u16(bits),
    ...u16(mode),
  ])
  const table = Buffer.from(
    [0, 1, 2].flatMap((channel) => Array.from({ length: 256 }, (_, at) => palette[at]?.[channel] ?? 0)),
  )
  const resources = Buffer.concat([
    resource(1057, Uint8Array.of(0, 0, 0, 1, hasComposite ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)),
    ...(profile === undefined ? [] : [resource(1039, profile)]),
  ])
  return Buffer.concat([
    head,
    Buffer.from(u32(palette.length > 0 ? table.length : 0)),
    ...(palette.length > 0 ? [table] : []),
    Buffer.from(u32(resources.length)),
    resources,
    Buffer.from([...u32(0), ...u16(0)]),
    ...planes,
  ])
}

const u16 = (value: number): readonly number[] => [value >> 8, value & 255]
const u32 = (value: number): readonly number[] => [...u16(value >>> 16), ...u16(value & 65_535)]
const resource = (id: number, data: Uint8Array): Buffer =>
  Buffer.from([
    ...Buffer.from("8BIM", "latin1"),
    ...u16(id),
    0,
    0,
    ...u32(data.length),
    ...data,
    ...(data.length % 2 === 1 ? [0] : []),
  ])

/** One channel of the pattern, each sample as `write` writes it. */
export const plane = (channel: number, write: (code: number) => readonly number[] = (code) => [code]): Buffer =>
  rows((codes) => write(codes[channel] ?? 0))

export const planeOf = (sample: (x: number, y: number) => number): Buffer => rows((_, x, y) => [sample(x, y)])
export const bigEndian16 = (code: number): readonly number[] => [code, code]
export function bigEndianFloat(code: number): readonly number[] {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatBE(code / 255)
  return [...bytes]
}

/** A WebP of 64x64 with a profile: the extended header, the profile, and the chunks that were there (RFC 9649). */
export function webpWithProfile(file: Buffer, profile: Uint8Array): Buffer {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(data.length)
    return Buffer.concat([Buffer.from(type, "latin1"), size, data, Buffer.alloc(data.length % 2)])
  }
  const extended = Uint8Array.of(0x20, 0, 0, 0, SIDE - 1, 0, 0, SIDE - 1, 0, 0)
  const body = Buffer.concat([
    Buffer.from("WEBP", "latin1"),
    chunk("VP8X", extended),
    chunk("ICCP", profile),
    file.subarray(12),
  ])
  return chunk("RIFF", body)
}
