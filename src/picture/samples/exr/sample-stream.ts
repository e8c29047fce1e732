/** The samples of one unpacked chunk, one after another. */
export interface SampleStream {
  /**
   * The next `count` samples of one pixel type (half, float, uint) as floats into `into` from index `from`; null passes
   * over them. Integers are scaled so that their largest is 1. The caller stays within the chunk and within `into`.
   */
  take(pixelType: string, count: number, into: Float32Array | null, from: number): void
}

/** What a uint is multiplied by: as OpenImageIO scales it, in single precision. */
export const UINT_SCALE: number = 2 ** -32

/** The same memory as integers: floats are stored bit by bit, so that no NaN changes. */
export const bitsOf = (floats: Float32Array): Int32Array =>
  new Int32Array(floats.buffer, floats.byteOffset, floats.length)
