import { bytesInMemory, type FileBytes, type Span } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"

/** A header that goes on is read in steps of this factor: 64 KiB, 1 MiB, 16 MiB. */
const GROWTH = 16
/** Least that is read at a place of its own (a directory at the end of a TIFF). */
const APART_BYTES = 64 * 1024
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
  const comfortable = before === undefined ? APART_BYTES : before.bytes.length * (GROWTH - 1)
  const room = limits.headerBytes - bytesInMemory(file)
  if (needed > room || (before === undefined && file.extents.length >= limits.stretches)) return null
  const inFile = file.fileSizeBytes - start
  return { offset: start, lengthBytes: Math.min(Math.max(needed, comfortable), room, inFile) }
}
