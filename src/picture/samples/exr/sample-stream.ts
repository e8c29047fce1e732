/** The samples of one unpacked chunk, one after another. */
export interface SampleStream {
  /**
   * The next `count` samples of one pixel type (half, float, uint) as floats into `into` from index `from`; null passes
   * over them. Integers are scaled so that their largest is 1. The caller stays within the chunk and within `into`.
   */
  take(pixelType: string, count: number, into: Float32Array | null, from: number): void
}

/** The same memory as integers: samples of 32 bits are stored bit by bit, so that no NaN changes. */
export const bitsOf = (floats: Float32Array): Int32Array =>
  new Int32Array(floats.buffer, floats.byteOffset, floats.length)

/** What a uint is multiplied by: as OpenImageIO scales it, in single precision. */
const UINT_SCALE = 2 ** -32

/** Turns the bits of uints that lie in `floats` from one index to another into numbers from 0 to 1. */
export function scaleUints(floats: Float32Array, from: number, end: number): void {
  const bits = bitsOf(floats)
  for (let index = from; index < end; index++) floats[index] = ((bits[index] as number) >>> 0) * UINT_SCALE
}
