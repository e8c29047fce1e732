import { tiffFile } from "../../src/picture/read/header/testing/tiff-file.ts"

const SIDE = 16
const [SHORT, LONG] = [3, 4]

/** An 8-bit RGB TIFF of one colour, 16x16: small, quick to render, and its outputs show which upload they were made of. */
export function flatScan(colour: readonly number[]): Uint8Array {
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => colour[at % 3] ?? 0)
  const tags = [
    [256, SHORT, [SIDE]],
    [257, SHORT, [SIDE]],
    [258, SHORT, [8, 8, 8]],
    [259, SHORT, [1]],
    [262, SHORT, [2]],
    [277, SHORT, [3]],
    [278, SHORT, [SIDE]],
    [279, LONG, [pixels.length]],
  ] as const
  return tiffFile({ directories: [{ tags, pixels }] })
}

/** A colour that is far from black and white, where pictures are clipped. */
export const anyColour = (random: () => number): readonly number[] =>
  [random(), random(), random()].map((part) => Math.round(20 + 210 * part))
