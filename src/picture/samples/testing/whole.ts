import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Selection } from "../../../events/records.generated.ts"
import { failed, failure, type Result } from "../../../events/result.ts"
import { firstBytes } from "../../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { selectPicture } from "../../read/select/selection.ts"
import { memoryBytes } from "../exr/testing/opened.ts"
import { toolPlanes } from "../exr/testing/tool-planes.ts"
import type { ByteSource, SampleReader } from "../index.ts"

/** A whole picture in memory: R, G and B, rows one after the other. */
export type WholePicture = {
  readonly width: number
  readonly height: number
  readonly planes: readonly [Float32Array, Float32Array, Float32Array]
}

/** All rows that a reader gives. */
export function wholePicture({ width, height, readRows }: SampleReader): Result<WholePicture> {
  const plane = (): Float32Array => new Float32Array(width * height)
  const planes = [plane(), plane(), plane()] as const
  const read = readRows({ first: 0, last: height - 1 }, (row, samples) => {
    for (const [index, one] of planes.entries()) one.set(samples[index as 0 | 1 | 2], row * width)
  })
  return read.ok ? { ok: true, value: { width, height, planes } } : read
}

/** Largest difference between planes; infinite where their sizes differ. */
export function largestDifference(ours: readonly Float32Array[], theirs: readonly Float32Array[]): number {
  let largest = 0
  for (const [index, plane] of ours.entries()) {
    const other = theirs[index] ?? new Float32Array(0)
    if (other.length !== plane.length) return Number.POSITIVE_INFINITY
    for (let at = 0; at < plane.length; at++)
      if (!Object.is(plane[at], other[at])) largest = Math.max(largest, differenceOf(plane[at] ?? 0, other[at] ?? 0))
  }
  return largest
}

const differenceOf = (a: number, b: number): number =>
  Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.abs(a - b)

type Open = (bytes: ByteSource, header: PictureHeader, selection: Selection) => Result<SampleReader>

/** The picture that selection chooses in a file, as a reader gives it. */
export function selectedPicture(file: Uint8Array, key: string, open: Open): Result<WholePicture> {
  const header = readHeader(firstBytes(file, file.length), key)
  if (header.kind !== "read") return header.kind === "failed" ? failed(header.failure) : failed(ENDS_EARLY)
  const selected = selectPicture(header.value, { fileSizeBytes: file.length, limits: DEFAULT_LIMITS, ownReaders: true })
  if (!selected.ok) return selected
  const reader = open(memoryBytes(file), header.value, selected.value.selection)
  return reader.ok ? wholePicture(reader.value) : reader
}

const ENDS_EARLY = failure("picture/damaged", "The header ends early.")

/** All samples of these channels of a file in memory, plane by plane, as the pinned oiiotool reads them. */
export function toolSamples(
  bytes: Uint8Array,
  extension: string,
  channels: readonly string[],
): readonly Float32Array[] {
  const folder = mkdtempSync(join(tmpdir(), "samples-"))
  try {
    const path = join(folder, `a.${extension}`)
    writeFileSync(path, bytes)
    return toolPlanes(path, { part: 0, channels })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
