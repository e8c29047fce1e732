import { floatToHalf, HALF_TO_FLOAT } from "./half.ts"

/** Exponent below 1, and e to its power, the base above it: both in single precision, as OpenEXR's table was made. */
const EXPONENT = Math.fround(2.2)
const BASE = Math.fround(9.02501329156)

let made: Uint16Array | null = null

/**
 * Light of what DWA quantises, half by half, by their bits: its power of 2.2 up to 1, above that 1 more is e to the 2.2 as
 * much. What is no finite number is 0.
 */
export function dwaToLinear(): Uint16Array {
  made ??= Uint16Array.from({ length: 0x10000 }, (_, bits) => toLinear(bits))
  return made
}

function toLinear(bits: number): number {
  const value = HALF_TO_FLOAT[bits] as number
  if (!Number.isFinite(value)) return 0
  const size = Math.abs(value)
  const light = size <= 1 ? size ** EXPONENT : BASE ** Math.fround(size - 1)
  return floatToHalf(Math.fround(value < 0 ? -light : light))
}
