/** Every half as a float, by its 16 bits; NaN of any payload is NaN. IEEE 754 binary16. */
export const HALF_TO_FLOAT: Float32Array = Float32Array.from({ length: 0x10000 }, (_, bits) => halfToFloat(bits))

function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 0x400) * 2 ** (exponent - 15)
}
