/** Memory for samples, as floats and as the same bits: those of 32 bits are stored bit by bit, so that no NaN changes. */
export type Target = { readonly floats: Float32Array; readonly bits: Int32Array }

export const targetOf = (floats: Float32Array): Target => ({
  floats,
  bits: new Int32Array(floats.buffer, floats.byteOffset, floats.length),
})

/** The samples of one unpacked chunk, one after another. */
export interface SampleStream {
  /**
   * The next `count` samples of one pixel type (half, float, uint) as floats into `into` from index `from`; null passes
   * over them. Integers are scaled so that their largest is 1. The caller stays within the chunk and within `into`.
   */
  take(pixelType: string, count: number, into: Target | null, from: number): void
}

/** What a uint is multiplied by: as OpenImageIO scales it, in single precision. */
const UINT_SCALE = 2 ** -32

/** Turns the bits of uints, from one index to another, into numbers from 0 to 1. */
export function scaleUints({ floats, bits }: Target, from: number, end: number): void {
  for (let index = from; index < end; index++) floats[index] = ((bits[index] as number) >>> 0) * UINT_SCALE
}
