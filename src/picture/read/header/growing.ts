import { type Failure, failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { bytesInMemory, type FileBytes, type HeaderOutcome, type Span, withExtent } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"

/** Bytes that are read first: enough for nearly every header. */
const FIRST_BYTES = 64 * 1024

/** A file or object of known size of which stretches can be read. */
type SpanSource = {
  readonly sizeBytes: number
  /** Exactly the bytes of a stretch that lies inside the file; fewer where the file became shorter meanwhile. */
  readonly readSpan: (span: Span) => Promise<Result<Uint8Array>>
}

type HeaderRead<T> = { readonly value: T; readonly bytesRead: number }

/**
 * Runs a header reader over a growing part of a file, up to `limits.headerBytes`: the first 64 KiB, then as much more as
 * the reader needs. Fails: what reading and the reader fail with, source/changed, picture/over-limit.
 */
export async function readGrowing<T>(
  { sizeBytes, readSpan }: SpanSource,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits,
): Promise<Result<HeaderRead<T>>> {
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

/** A header that goes on is read to these sizes, bytes, or as far as it needs: few headers go beyond the first two. */
const STEPS = [64 * 1024, 256 * 1024, 4 * 1024 * 1024, 16 * 1024 * 1024]
/** Least that is read at a place of its own (a directory at the end of a TIFF). */
const APART_BYTES = 64 * 1024
/** Read behind what is needed: a header goes on behind its long value. */
const MARGIN_BYTES = 16 * 1024
/** Short gaps are read along rather than left. */
const GAP_BYTES = 4 * 1024

/**
 * What to read next where a reader needs `need`: more of a stretch that goes on, or a new one. Null where that would
 * go over `limits.headerBytes` in memory or over `limits.stretches`.
 */
export function nextSpan(file: FileBytes, need: Span, limits: HeaderLimits): Span | null {
  const before = file.extents.find(
    ({ offset, bytes }) => offset <= need.offset && need.offset <= offset + bytes.length + GAP_BYTES,
  )
  const start = before === undefined ? need.offset : before.offset + before.bytes.length
  const needed = need.offset + need.lengthBytes - start
  const held = before?.bytes.length ?? 0
  const comfortable = before === undefined ? APART_BYTES : (STEPS.find((step) => step > held) ?? held) - held
  const room = limits.headerBytes - bytesInMemory(file)
  if (needed > room || (before === undefined && file.extents.length >= limits.stretches)) return null
  const inFile = file.fileSizeBytes - start
  return { offset: start, lengthBytes: Math.min(Math.max(needed + MARGIN_BYTES, comfortable), room, inFile) }
}
