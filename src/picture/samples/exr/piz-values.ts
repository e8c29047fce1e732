/** One bit for each of the 65536 words. */
const BITMAP_BYTES = 8192

/** What a chunk's numbers stand for. */
export type NumberedValues = {
  /** The highest number in use. */
  readonly highest: number
  /** Bytes that said so, at the start of the chunk. */
  readonly sizeBytes: number
}

/**
 * Reads which 16-bit words occur in a chunk's pixels and fills `values`: the n-th of them is number n. 0 counts as
 * occurring always. Null where the bytes are damaged.
 */
export function readValues(chunk: Uint8Array, values: Uint16Array): NumberedValues | null {
  if (chunk.length < 4) return null
  const lowest = (chunk[0] as number) | ((chunk[1] as number) << 8)
  const highest = (chunk[2] as number) | ((chunk[3] as number) << 8)
  const mapBytes = Math.max(0, highest - lowest + 1)
  if (highest >= BITMAP_BYTES || 4 + mapBytes > chunk.length) return null
  values[0] = 0
  let count = 1
  for (let byte = 0; byte < mapBytes; byte++) {
    const bits = chunk[4 + byte] as number
    for (let bit = byte === 0 && lowest === 0 ? 1 : 0; bits >>> bit > 0; bit++)
      if (((bits >>> bit) & 1) === 1) values[count++] = (lowest + byte) * 8 + bit
  }
  values.fill(0, count)
  return { highest: count - 1, sizeBytes: 4 + mapBytes }
}
