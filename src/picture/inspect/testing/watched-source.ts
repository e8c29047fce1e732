import { done, type Result } from "../../../events/result.ts"
import type { InspectedSource } from "../../model.ts"

export type WatchedSource = InspectedSource & {
  /** Offset and length of each stretch that was read, in order. */
  readonly reads: readonly (readonly [offset: number, lengthBytes: number])[]
}

type Claims = {
  /** Where the source claims another size than its bytes have; zeros follow them where somebody reads on. */
  readonly sizeBytes?: number
  /** Answers a read in place of the bytes, by how many were answered before. */
  readonly answer?: (earlierReads: number) => Result<Uint8Array> | null
}

/** A source of which every read is kept. One beyond its size is a bug of the inspector, and throws. */
export function watchedSource(key: string, bytes: Uint8Array, claims: Claims = {}): WatchedSource {
  const { sizeBytes = bytes.length, answer = () => null } = claims
  const reads: (readonly [number, number])[] = []
  return {
    key,
    sizeBytes,
    reads,
    readSpan({ offset, lengthBytes }) {
      if (offset < 0 || lengthBytes <= 0 || offset + lengthBytes > sizeBytes)
        throw new Error(`${lengthBytes} bytes from ${offset} on do not lie in the source's ${sizeBytes}`)
      reads.push([offset, lengthBytes])
      const answered = answer(reads.length - 1)
      if (answered !== null) return Promise.resolve(answered)
      const read = new Uint8Array(lengthBytes)
      read.set(bytes.subarray(offset, offset + lengthBytes))
      return Promise.resolve(done(read))
    },
  }
}
