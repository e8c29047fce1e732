import { HALF_TO_FLOAT } from "./half.ts"

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

type PlainBytes = { bytes: Uint8Array; at: number }

/** Samples that lie in the chunk as they are, little-endian. */
interface PlainStream extends SampleStream {
  /** Starts at the beginning of `bytes`, which must stay as they are while samples are taken. */
  open(bytes: Uint8Array): SampleStream
}

/** One stream, opened again for each chunk. */
export function plainStream(): PlainStream {
  const plain: PlainBytes = { bytes: new Uint8Array(0), at: 0 }
  const stream: PlainStream = {
    open(bytes) {
      plain.bytes = bytes
      plain.at = 0
      return stream
    },
    take(pixelType, count, into, from) {
      if (into === null) plain.at += count * (pixelType === "half" ? 2 : 4)
      else if (pixelType === "half") takeHalves(plain, into.floats, from, from + count)
      else takeWords(plain, into.bits, from, from + count)
      if (into !== null && pixelType === "uint") scaleUints(into, from, from + count)
    },
  }
  return stream
}

function takeHalves(plain: PlainBytes, into: Float32Array, from: number, end: number): void {
  const bytes = plain.bytes
  let at = plain.at
  for (let index = from; index < end; index++) {
    into[index] = HALF_TO_FLOAT[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number
    at += 2
  }
  plain.at = at
}

function takeWords(plain: PlainBytes, into: Int32Array, from: number, end: number): void {
  const bytes = plain.bytes
  let at = plain.at
  for (let index = from; index < end; index++) {
    const lower = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    into[index] = lower | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
    at += 4
  }
  plain.at = at
}
