import { bytesInMemory, type FileBytes, type Span } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"

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
