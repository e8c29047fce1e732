import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { type Failure, failed, failure, type Result } from "../../events/result.ts"
import type { ByteSource } from "./index.ts"

/** Bytes that the buffer has at least, once anything is asked for; it grows to that and is used again. */
const BUFFER_BYTES = 1024 * 1024

const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ESTALE"])
const DENIED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "ELOOP"])
const PASSING: ReadonlySet<string> = new Set([
  "EIO",
  "EMFILE",
  "ENFILE",
  "EBUSY",
  "EAGAIN",
  "ENXIO",
  "ETIMEDOUT",
  "EISDIR",
])

/** Marks what our own file threw: other trouble inside the work is not of this file. */
const OF_FILE = Symbol("trouble with the file that is read")

/**
 * Does work that reads from a file where it likes, and closes the file. Everything at once: for threads that do nothing
 * else. Fails like the work, and: source/gone, store/denied, store/failed.
 */
export function withFileBytes<T>(path: string, work: (bytes: ByteSource) => Result<T>): Result<T> {
  try {
    const descriptor = onFile(() => openSync(path, "r"))
    try {
      return work(fileBytes(descriptor))
    } finally {
      onFile(() => closeSync(descriptor))
    }
  } catch (error) {
    return failed(classify(error))
  }
}

function fileBytes(descriptor: number): ByteSource {
  let buffer = new Uint8Array(0)
  return {
    sizeBytes: onFile(() => fstatSync(descriptor).size),
    readAt(offset, lengthBytes) {
      if (lengthBytes > buffer.length) buffer = new Uint8Array(Math.max(lengthBytes, BUFFER_BYTES))
      const into = buffer
      return into.subarray(
        0,
        onFile(() => readFully(descriptor, into, { offset, lengthBytes })),
      )
    },
  }
}

/** Bytes read; fewer than asked only where the file ends: one read may give less. */
function readFully(
  descriptor: number,
  into: Uint8Array,
  { offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number },
): number {
  let at = 0
  while (at < lengthBytes) {
    const readBytes = readSync(descriptor, into, at, lengthBytes - at, offset + at)
    if (readBytes === 0) break
    at += readBytes
  }
  return at
}

function onFile<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { [OF_FILE]: true }) : error
  }
}

function classify(error: unknown): Failure {
  const code = error instanceof Error && OF_FILE in error && "code" in error ? String(error.code) : ""
  if (GONE.has(code)) return failure("source/gone", `The file is no longer there (${code}).`)
  if (DENIED.has(code)) return failure("store/denied", `The file may not be read (${code}); check its permissions.`)
  if (PASSING.has(code)) return failure("store/failed", `The file cannot be read (${code}); check the disk.`)
  throw error
}
