import { inflateSync } from "node:zlib"
import type { Decompress } from "../chunks/layout.ts"

/** Room behind the end: zlib asks for one more buffer when the first is exactly full. Also zlib's smallest buffer. */
const SPARE_BYTES = 64

/** 258 bytes for two bits: a chunk that promises more is not worth memory. */
const MOST_BYTES_PER_BYTE = 1032

/** What zlib says of damaged bytes; anything else that it throws is a bug of ours. */
const DAMAGED: ReadonlySet<string> = new Set([
  "Z_DATA_ERROR",
  "Z_BUF_ERROR",
  "Z_NEED_DICT",
  "Z_STREAM_ERROR",
  "ERR_BUFFER_TOO_LARGE",
])

/** Inflates a chunk of ZIP or ZIPS. Leaves the bytes split and as differences. */
export const inflateChunk: Decompress = (chunk, { sizeBytes }) => inflateTo(chunk, sizeBytes)

/** Exactly `sizeBytes` bytes out of zlib's; null where they are damaged or others in number. */
export function inflateTo(chunk: Uint8Array, sizeBytes: number): Uint8Array | null {
  if (sizeBytes > chunk.length * MOST_BYTES_PER_BYTE) return null
  const inflated = inflate(chunk, sizeBytes + SPARE_BYTES)
  // A view that is no Buffer: the loops over bytes are compiled for one kind of array only.
  return inflated?.length === sizeBytes ? new Uint8Array(inflated.buffer, inflated.byteOffset, sizeBytes) : null
}

function inflate(chunk: Uint8Array, roomBytes: number): Uint8Array | null {
  try {
    return inflateSync(chunk, { chunkSize: roomBytes, maxOutputLength: roomBytes })
  } catch (error) {
    return classify(error)
  }
}

function classify(error: unknown): null {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (DAMAGED.has(code)) return null
  throw error
}
