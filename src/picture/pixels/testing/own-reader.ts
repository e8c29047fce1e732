import type { Result } from "../../../events/result.ts"
import type { PicturePlan } from "../../engines/plan.ts"
import { firstBytes } from "../../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import { readHeader } from "../../read/header/read.ts"
import { openDpxReader } from "../../samples/dpx/reader.ts"
import { openExrReader } from "../../samples/exr/reader.ts"
import type { SampleReader } from "../../samples/index.ts"

/** The reader of our own for a file in memory; null where oiiotool must read it. */
export function ownReader(bytes: Buffer, key: string, { selection }: PicturePlan): SampleReader | null {
  const header = readHeader(firstBytes(bytes, bytes.length), key, DEFAULT_LIMITS)
  if (header.kind !== "read" || selection.format === "tiff") return null
  const open = selection.format === "dpx" ? openDpxReader : openExrReader
  const source = {
    sizeBytes: bytes.length,
    readAt: (offset: number, lengthBytes: number) => bytes.subarray(offset, offset + lengthBytes),
  }
  const opened: Result<SampleReader> = open(source, header.value, selection)
  if (opened.ok) return opened.value
  if (opened.failure.code !== "picture/unsupported") throw new Error(opened.failure.says)
  return null
}
