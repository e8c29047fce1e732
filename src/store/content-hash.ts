import type { FileHandle } from "node:fs/promises"
import { createXXHash128, type IHasher } from "hash-wasm"

/** Hashes bytes that come in pieces, with what has come so far never held in memory. */
export type ContentHash = {
  add(bytes: Uint8Array): void
  /** XXH3-128 of all that was added, 32 hex digits as xxhsum prints them. To be asked once, last. */
  hex(): string
}

/** Most hashers and buffers that are kept for the next file. */
const MOST_SPARE = 64

/** Instances of the hash's WebAssembly, which costs more to set up than a small file takes to be hashed. */
const hashers: IHasher[] = []

export async function openContentHash(): Promise<ContentHash> {
  const hasher = hashers.pop() ?? (await createXXHash128())
  hasher.init()
  return {
    add: (bytes) => void hasher.update(bytes),
    hex: () => {
      const digest = hasher.digest("hex")
      if (hashers.length < MOST_SPARE) hashers.push(hasher)
      return digest
    },
  }
}

const CHUNK_BYTES = 1024 * 1024

const chunks: Buffer[] = []

/** Lends `work` a buffer of 1 MiB, which goes on to the next file: fresh memory of that size is cleared by the kernel. */
export async function withChunk<T>(work: (chunk: Buffer) => Promise<T>): Promise<T> {
  const chunk = chunks.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES)
  try {
    return await work(chunk)
  } finally {
    if (chunks.length < MOST_SPARE) chunks.push(chunk)
  }
}

/** The hash of a file from its first byte to its last. */
export const contentHashOf = (file: FileHandle, signal?: AbortSignal): Promise<string> =>
  withChunk(async (chunk) => {
    const hash = await openContentHash()
    for (let at = 0; signal?.aborted !== true; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
      if (bytesRead === 0) break
      hash.add(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
    return hash.hex()
  })
