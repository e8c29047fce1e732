import type { FileHandle } from "node:fs/promises"
import { createXXHash128 } from "hash-wasm"

/** Hashes bytes that come in pieces, with what has come so far never held in memory. */
export type ContentHash = {
  add(bytes: Uint8Array): void
  /** XXH3-128 of all that was added, 32 hex digits as xxhsum prints them. To be asked once. */
  hex(): string
}

const CHUNK_BYTES = 1024 * 1024

export async function openContentHash(): Promise<ContentHash> {
  const hasher = await createXXHash128()
  hasher.init()
  return { add: (bytes) => void hasher.update(bytes), hex: () => hasher.digest("hex") }
}

/** The hash of a file from its first byte to its last. */
export async function contentHashOf(file: FileHandle, signal?: AbortSignal): Promise<string> {
  const hash = await openContentHash()
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = 0; signal?.aborted !== true; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) break
    hash.add(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return hash.hex()
}
