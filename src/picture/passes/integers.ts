import type { PaintedPass, Painting, PassRow } from "./painting.ts"

/** Bits of the codes that people store as integers of 32 bits. */
const BITS = [8, 10, 12, 16]

const bitsOf = (plane: Float32Array): Uint32Array => new Uint32Array(plane.buffer, plane.byteOffset, plane.length)

/**
 * Colour as whole numbers: white is the largest number of 8, 10, 12 or 16 bits, the first of them that holds all samples.
 * Where none does, the readers' own scale is right, by which 2^32 is white.
 */
export function integersPainting({ channels }: PaintedPass): Painting {
  let largest = 0
  const bits = (): number | undefined => BITS.find((one) => largest < 2 ** one)
  return {
    channels: channels.length === 1 ? ["Y"] : ["R", "G", "B"],
    measure(row: PassRow) {
      for (const plane of row) for (const code of bitsOf(plane)) if (code > largest) largest = code
    },
    isNeedless: () => bits() === undefined,
    paint(row, into) {
      const white = 2 ** (bits() ?? 32) - 1
      into.forEach((target, channel) => {
        const codes = bitsOf(row[channel] as Float32Array)
        for (let x = 0; x < target.length; x++) target[x] = (codes[x] as number) / white
      })
    },
    says: () => [
      `The colours are stored as whole numbers, the largest of them ${largest}: ${2 ** (bits() ?? 32) - 1} (${bits() ?? 32} bits) is shown as white.`,
    ],
  }
}
