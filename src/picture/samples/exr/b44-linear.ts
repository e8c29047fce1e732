import { HALF_TO_FLOAT } from "./half.ts"

const INFINITE = 0x7c00
const MINUS_ZERO = 0x8000

let made: Uint16Array | null = null

/**
 * What B44 makes of a half of a perceptually linear channel, by its 16 bits: eight times its logarithm. What has none
 * (negative, infinite, NaN) is 0. In single precision, as OpenEXR computes it.
 */
export function fromPerceptual(): Uint16Array {
  if (made !== null) return made
  const halves = new Float16Array(0x10000)
  for (let bits = 0; bits <= MINUS_ZERO; bits++)
    if ((bits & INFINITE) !== INFINITE) halves[bits] = 8 * Math.fround(Math.log(HALF_TO_FLOAT[bits] as number))
  made = new Uint16Array(halves.buffer)
  return made
}
