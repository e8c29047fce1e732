import { expect } from "vitest"
import { firstBytes } from "../../../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../../../read/header/limits.ts"
import { readHeader } from "../../../read/header/read.ts"
import { dpxFile, type MadeDpx, type MadeField } from "../../../read/header/testing/dpx-file.ts"
import { selectPicture } from "../../../read/select/selection.ts"
import { selectedPicture, type WholePicture } from "../../testing/whole.ts"
import { openDpxReader } from "../reader.ts"

/** Odd on purpose: no row of any kind ends on a word of 32 bits by itself. */
export const [WIDTH, HEIGHT] = [13, 7]

/** Code of column x, row y and channel c; its neighbours and the row above differ, so that nothing is sheared unseen. */
export const code = (x: number, y: number, c: number, bits: number): number =>
  (x * 37 + y * 11 + c * 101 + 3) % 2 ** bits

export const codesOfRow = (y: number, channels: number, bits: number): readonly number[] =>
  Array.from({ length: WIDTH * channels }, (_, n) => code(Math.floor(n / channels), y, n % channels, bits))

export const allCodes = (channels: number, bits: number): readonly number[] =>
  Array.from({ length: HEIGHT }, (_, y) => codesOfRow(y, channels, bits)).flat()

const bigWords = (words: readonly number[]): readonly number[] =>
  words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])

/** 10 bits in words of 32, method A: of one channel from the low end, else from the high end. */
export function filled(codes: readonly number[], single: boolean): readonly number[] {
  const shifts = single ? [2, 12, 22] : [22, 12, 2]
  return bigWords(
    Array.from({ length: Math.ceil(codes.length / 3) }, (_, n) =>
      codes.slice(n * 3, n * 3 + 3).reduce((word, one, at) => word + one * 2 ** (shifts[at] ?? 0), 0),
    ),
  )
}

/** Samples one after the other through words of 32 bits, from the low end up. */
export function tight(codes: readonly number[], bits: number): readonly number[] {
  const all = codes.reduce((sum, one, n) => sum | (BigInt(one) << BigInt(n * bits)), 0n)
  return bigWords(
    Array.from({ length: Math.ceil((codes.length * bits) / 32) }, (_, n) =>
      Number((all >> BigInt(32 * n)) & 0xffffffffn),
    ),
  )
}

export const rows = (
  pack: (codes: readonly number[]) => readonly number[],
  channels: number,
  bits = 10,
): readonly number[] => Array.from({ length: HEIGHT }, (_, y) => pack(codesOfRow(y, channels, bits))).flat()

export const GREY: MadeField = [800, "u8", 6]
export const RGBA: MadeField = [800, "u8", 51]
export const unset = (offset: number, type: "u16" | "u32"): MadeField => [
  offset,
  type,
  type === "u16" ? 0xffff : 0xffffffff,
]

export const made = (
  pixels: readonly number[],
  fields: readonly MadeField[] = [],
  rest: Partial<MadeDpx> = {},
): Uint8Array => dpxFile({ width: WIDTH, height: HEIGHT, fields, pixels: Uint8Array.from(pixels), ...rest })

export function shown(
  file: Uint8Array,
): WholePicture & { readonly reason: string; readonly warnings: readonly string[] } {
  const picture = selectedPicture(file, "a.dpx", openDpxReader)
  if (!picture.ok) throw new Error(`${picture.failure.code}: ${picture.failure.says}`)
  const header = readHeader(firstBytes(file, file.length), "a.dpx")
  if (header.kind !== "read") throw new Error("The header is not read.")
  const selected = selectPicture(header.value, { fileSizeBytes: file.length, limits: DEFAULT_LIMITS, ownReaders: true })
  if (!selected.ok) throw new Error(selected.failure.says)
  return { ...picture.value, reason: selected.value.selection.reason, warnings: selected.value.warnings }
}

/** Every sample of every plane is the code that was written. */
export function expectCodes({ planes }: WholePicture, places: readonly number[], bits = 10): void {
  places.forEach((place, channel) => {
    const found = [...(planes[channel] ?? [])].map((value) => Math.round(value * (2 ** bits - 1)))
    const wanted = Array.from({ length: WIDTH * HEIGHT }, (_, n) => code(n % WIDTH, Math.floor(n / WIDTH), place, bits))
    expect(found).toEqual(wanted)
  })
}

export const ALL_GREY = [0, 0, 0]
export const ALL_RGB = [0, 1, 2]
