import type { MadeDirectory } from "../read/header/testing/tiff-file.ts"

const SIDE = 64

type Quadrants = {
  /** Codes of 8 bits of each quadrant's samples: top left, top right, bottom left, bottom right. */
  readonly quadrants: readonly (readonly number[])[]
  readonly photometric: number
  readonly icc: Uint8Array
  /** With 16, each code is written twice: the same share of white. */
  readonly bits?: 8 | 16
  readonly orientation?: number
}

/** A TIFF directory of four quadrants of one colour each, with an ICC profile; 64x64, uncompressed, in one strip. */
export function quadrantDirectory({
  quadrants,
  photometric,
  icc,
  bits = 8,
  orientation = 1,
}: Quadrants): MadeDirectory {
  const samples = quadrants[0]?.length ?? 0
  const pixels = Array.from({ length: SIDE ** 2 }, (_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    const codes = quadrants[(y < SIDE / 2 ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)] ?? []
    return codes.flatMap((code) => (bits === 8 ? [code] : [code, code]))
  }).flat()
  return {
    tags: [
      [256, 4, [SIDE]],
      [257, 4, [SIDE]],
      [258, 3, Array.from({ length: samples }, () => bits)],
      [259, 3, [1]],
      [262, 3, [photometric]],
      [274, 3, [orientation]],
      [277, 3, [samples]],
      [278, 4, [SIDE]],
      [279, 4, [pixels.length]],
      [34_675, 7, [...icc]],
    ],
    pixels: Uint8Array.from(pixels),
  }
}
