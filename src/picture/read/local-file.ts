import { type FileHandle, open } from "node:fs/promises"
import { extname } from "node:path"
import { type Failure, failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { Reading, ReadRequest } from "../index.ts"
import { decideReading } from "./decide-reading.ts"
import type { FileBytes, HeaderOutcome, Span } from "./header/bytes.ts"
import { readGrowing } from "./header/growing.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./header/limits.ts"

/**
 * What the header of a local file says about showing it. Reads as little of the file as the header needs.
 * Fails: source/gone, store/denied, source/unsupported-type, picture/*.
 */
export const readLocalPicture = (request: ReadRequest, configHash: string): Promise<Result<Reading>> =>
  readLocalHeader(request.sourceFile, (file) => decideReading(file, { ...request, configHash }))

/** Runs a header reader over a growing part of a local file, up to `limits.headerBytes`. */
export async function readLocalHeader<T>(
  path: string,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits = DEFAULT_LIMITS,
): Promise<Result<T>> {
  return withLocalFile(path, async (handle) => {
    const { size } = await handle.stat()
    const grown = await readGrowing({ sizeBytes: size, readSpan: (span) => bytesAt(handle, span) }, read, limits)
    return grown.ok ? done(grown.value.value) : grown
  })
}

/** Work on a source's file. Fails: source/gone, store/denied, store/failed, picture/not-a-picture, and like `work`. */
export async function withLocalFile<T>(
  path: string,
  work: (handle: FileHandle) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    await using handle = await open(path)
    return await work(handle)
  } catch (error) {
    return failed(classify(error, `a ${extname(path)} file`))
  }
}

/** The bytes of a stretch, fewer where the file ends before. */
async function bytesAt(handle: FileHandle, { offset, lengthBytes }: Span): Promise<Result<Uint8Array>> {
  const bytes = new Uint8Array(lengthBytes)
  let filled = 0
  while (filled < lengthBytes) {
    const { bytesRead } = await handle.read(bytes, filled, lengthBytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return done(bytes.subarray(0, filled))
}

/** What a file system says about a missing or closed file; anything else is not ours to explain. */
function classify(error: unknown, what: string): Failure {
  const code = error instanceof Error && "code" in error ? error.code : null
  if (code === "ENOENT") return failure("source/gone", `The source, ${what}, no longer exists.`)
  if (code === "EACCES" || code === "EPERM") return failure("store/denied", `The source, ${what}, may not be read.`)
  if (code === "EISDIR") return failure("picture/not-a-picture", "The source is a folder.")
  if (code === "EIO" || code === "ESTALE")
    return failure("store/failed", `Reading the source, ${what}, failed (${code}).`)
  throw error
}
