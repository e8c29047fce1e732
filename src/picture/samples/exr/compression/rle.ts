import type { Decompress } from "../chunks/layout.ts"

/**
 * Undoes OpenEXR's run-length coding: a count n from 0 to 127 repeats the next byte n + 1 times, a negative one is
 * followed by -n bytes as they are. Leaves the bytes split and as differences.
 */
export function openRle(): Decompress {
  let unpacked = new Uint8Array(0)
  return (chunk, { sizeBytes }) => {
    if (unpacked.length < sizeBytes) unpacked = new Uint8Array(sizeBytes)
    const into = unpacked.subarray(0, sizeBytes)
    return unpackRuns(chunk, into) === sizeBytes ? into : null
  }
}

/** Undoes the runs alone. Bytes written; fewer than `into` has where the chunk is damaged. */
export function unpackRuns(chunk: Uint8Array, into: Uint8Array): number {
  let from = 0
  let to = 0
  while (from < chunk.length) {
    const count = ((chunk[from++] as number) << 24) >> 24
    const end = to + (count < 0 ? -count : count + 1)
    const needBytes = count < 0 ? -count : 1
    if (end > into.length || from + needBytes > chunk.length) return -1
    if (count < 0) while (to < end) into[to++] = chunk[from++] as number
    else {
      const value = chunk[from++] as number
      while (to < end) into[to++] = value
    }
  }
  return to
}
