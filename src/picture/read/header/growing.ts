import { type Failure, failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { bytesInMemory, type FileBytes, type HeaderOutcome, type Span, withExtent } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import { nextSpan } from "./next-span.ts"

/** Bytes that are read first: enough for nearly every header. */
export const FIRST_BYTES = 64 * 1024

/** A file or object of known size of which stretches can be read. */
export type Readable = {
  readonly sizeBytes: number
  /** Exactly the bytes of a stretch that lies inside the file; fewer where the file became shorter meanwhile. */
  readonly readSpan: (span: Span) => Promise<Result<Uint8Array>>
}

export type Grown<T> = { readonly value: T; readonly bytesRead: number }

/**
 * Runs a header reader over a growing part of a file, up to `limits.headerBytes`: the first 64 KiB, then as much more as
 * the reader needs. Fails: what reading and the reader fail with, source/changed, picture/over-limit.
 */
export async function readGrowing<T>(
  { sizeBytes, readSpan }: Readable,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits,
): Promise<Result<Grown<T>>> {
  let file: FileBytes = { fileSizeBytes: sizeBytes, extents: [] }
  let bytesRead = 0
  let wanted: Span = { offset: 0, lengthBytes: Math.min(FIRST_BYTES, sizeBytes) }
  for (;;) {
    if (wanted.lengthBytes > 0) {
      const bytes = await readSpan(wanted)
      if (!bytes.ok) return bytes
      if (bytes.value.length < wanted.lengthBytes) return failed(shorter)
      bytesRead += bytes.value.length
      file = withExtent(file, { offset: wanted.offset, bytes: bytes.value })
    }
    const outcome = read(file)
    if (outcome.kind === "read") return done({ value: outcome.value, bytesRead })
    if (outcome.kind === "failed") return failed(outcome.failure)
    const next = nextSpan(file, outcome.need, limits)
    // Where the rest is not needed for the picture, the reader leaves it out and says so.
    if (next === null) file = { ...file, noMore: tooLong(file) }
    wanted = next ?? NOTHING
  }
}

const NOTHING: Span = { offset: 0, lengthBytes: 0 }

const shorter = failure("source/changed", "The file became shorter while it was read.")

const tooLong = (file: FileBytes): Failure =>
  failure("picture/over-limit", `The header is not complete after ${bytesInMemory(file)} bytes; no more are read.`)
