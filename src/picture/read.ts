import { type FileHandle, open } from "node:fs/promises"
import { extname } from "node:path"
import { type Failure, failure } from "../events/failure.ts"
import { failed, type Result } from "../events/result.ts"
import { bytesInMemory, type FileBytes, type HeaderOutcome, type Span, withExtent } from "./header/bytes.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./header/limits.ts"
import { nextSpan } from "./header/next-span.ts"
import type { Reading, ReadRequest } from "./index.ts"
import { readPicture } from "./reading.ts"

/** Bytes that are read first: enough for nearly every header. */
const FIRST_BYTES = 64 * 1024

/**
 * What the header of a local file says about showing it. Reads as little of the file as the header needs.
 * Fails: source/gone, store/denied, source/unsupported-type, picture/*.
 */
export const readPictureFile = (request: ReadRequest, configHash: string): Promise<Result<Reading>> =>
  readHeaderFile(request.sourceFile, (file) => readPicture(file, { ...request, configHash }))

/** Runs a header reader over a growing part of a local file, up to `limits.headerBytes`. */
export async function readHeaderFile<T>(
  path: string,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits = DEFAULT_LIMITS,
): Promise<Result<T>> {
  try {
    await using handle = await open(path)
    return await growing(handle, read, limits)
  } catch (error) {
    return failed(classify(error, `a ${extname(path)} file`))
  }
}

async function growing<T>(
  handle: FileHandle,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits,
): Promise<Result<T>> {
  const { size } = await handle.stat()
  let file: FileBytes = { fileSizeBytes: size, extents: [] }
  let wanted: Span = { offset: 0, lengthBytes: Math.min(FIRST_BYTES, size) }
  for (;;) {
    const bytes = await bytesAt(handle, wanted)
    if (bytes === null) return failed(failure("source/changed", "The file became shorter while it was read."))
    file = withExtent(file, { offset: wanted.offset, bytes })
    const outcome = read(file)
    if (outcome.kind === "read") return { ok: true, value: outcome.value }
    if (outcome.kind === "failed") return failed(outcome.failure)
    const next = nextSpan(file, outcome.need, limits)
    if (next === null) return failed(tooLong(file))
    wanted = next
  }
}

const tooLong = (file: FileBytes): Failure =>
  failure("picture/over-limit", `The header is not complete after ${bytesInMemory(file)} bytes; no more are read.`)

async function bytesAt(handle: FileHandle, { offset, lengthBytes }: Span): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(lengthBytes)
  let filled = 0
  while (filled < lengthBytes) {
    const { bytesRead } = await handle.read(bytes, filled, lengthBytes - filled, offset + filled)
    if (bytesRead === 0) return null
    filled += bytesRead
  }
  return bytes
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
