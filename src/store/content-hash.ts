import { createHash } from "node:crypto"
import type { FileHandle } from "node:fs/promises"
import { createXXHash128, type IHasher } from "hash-wasm"
import type { FetchedObject } from "./index.ts"

/** Hashes bytes that come in pieces, with what has come so far never held in memory. */
export type ContentHash = {
  add(bytes: Uint8Array): void
  /** XXH3-128 of all that was added, 32 hex digits as xxhsum prints them. To be asked once, last. */
  hex(): string
  /** Both hashes; the second is null where it was not wished for. To be asked once, last. */
  both(): ContentHashes
}

export type ContentHashes = Pick<FetchedObject, "contentHash" | "contentSha256">

/** Whether SHA-256 is wished for besides: it takes several times as long. */
type Wish = { readonly sha256?: boolean | undefined }

/** Most hashers and buffers that are kept for the next file. */
const MOST_SPARE = 64

/** Instances of the hash's WebAssembly, which costs more to set up than a small file takes to be hashed. */
const hashers: IHasher[] = []

export async function openContentHash(wish: Wish = {}): Promise<ContentHash> {
  const hasher = hashers.pop() ?? (await createXXHash128())
  hasher.init()
  const sha256 = wish.sha256 === true ? createHash("sha256") : null
  const hex = (): string => {
    const digest = hasher.digest("hex")
    if (hashers.length < MOST_SPARE) hashers.push(hasher)
    return digest
  }
  return {
    add: (bytes) => {
      hasher.update(bytes)
      sha256?.update(bytes)
    },
    hex,
    both: () => ({ contentHash: hex(), contentSha256: sha256?.digest("hex") ?? null }),
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
export const contentHashOf = async (file: FileHandle): Promise<string> => (await contentHashesOf(file)).contentHash

/** The hashes of a file, which is read once. */
export const contentHashesOf = (
  file: FileHandle,
  { signal, ...wish }: Wish & { readonly signal?: AbortSignal } = {},
): Promise<ContentHashes> =>
  withChunk(async (chunk) => {
    const hash = await openContentHash(wish)
    for (let at = 0; signal?.aborted !== true; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
      if (bytesRead === 0) break
      hash.add(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
    return hash.both()
  })
