/** Every half as a float, by its 16 bits; NaN of any payload is NaN. IEEE 754 binary16. */
export const HALF_TO_FLOAT: Float32Array = new Float32Array(new Float16Array(allBits().buffer))

/** Each render process fills this at its start: a loop takes a tenth of what a function for each number does. */
function allBits(): Uint16Array<ArrayBuffer> {
  const all = new Uint16Array(0x10000)
  for (let bits = 0; bits < all.length; bits++) all[bits] = bits
  return all
}

const float = new Float32Array(1)
const floatBits = new Int32Array(float.buffer)

/** Bits of 2^-14, the smallest normal half, of 2^16 and of infinity as floats. */
const [SMALLEST_NORMAL, ABOVE_LARGEST, INFINITE] = [0x38800000, 0x47800000, 0x7f800000] as const

/** The 16 bits of the half nearest to a number in single precision, to even where two are; beyond the largest infinity. */
export function floatToHalf(value: number): number {
  float[0] = value
  const bits = floatBits[0] as number
  const sign = (bits >>> 16) & 0x8000
  const size = bits & 0x7fffffff
  if (size >= ABOVE_LARGEST) return sign | (size > INFINITE ? 0x7e00 : 0x7c00)
  if (size < SMALLEST_NORMAL) return sign | nearestEven(Math.abs(float[0] as number) * 2 ** 24)
  // Exponents differ by 112; half of the 13 bits that go, and one more where the bit above them is set, round to even.
  return sign | ((size - (112 << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13)
}

function nearestEven(value: number): number {
  const whole = Math.floor(value)
  const rest = value - whole
  return rest > 0.5 || (rest === 0.5 && (whole & 1) === 1) ? whole + 1 : whole
}
