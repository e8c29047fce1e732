import { failure } from "../../../events/failure.ts"
import type { Selection } from "../../../events/records.generated.ts"
import { failed, type Result } from "../../../events/result.ts"
import { firstBytes } from "../../header/bytes.ts"
import { DEFAULT_LIMITS } from "../../header/limits.ts"
import type { PictureHeader } from "../../header/model.ts"
import { readHeader } from "../../header/read.ts"
import { selectPicture } from "../../select/selection.ts"
import type { ByteSource, SampleReader } from "../index.ts"
import type { WholePicture } from "./tool-samples.ts"

/** A file in memory; each answer overwrites the one before, as the port allows. */
export function memorySource(file: Uint8Array): ByteSource {
  let answer = new Uint8Array(0)
  return {
    sizeBytes: file.length,
    readAt(offset, lengthBytes) {
      answer.fill(0xaa)
      answer = new Uint8Array(file.subarray(offset, offset + lengthBytes))
      return answer
    },
  }
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

/** Largest difference between two pictures; infinite where their sizes differ. */
export function largestDifference(a: WholePicture, b: WholePicture): number {
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY
  let largest = 0
  for (const [index, plane] of a.planes.entries()) {
    const other = b.planes[index as 0 | 1 | 2]
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
  const selected = selectPicture(header.value, { fileSizeBytes: file.length, limits: DEFAULT_LIMITS })
  if (!selected.ok) return selected
  const reader = open(memorySource(file), header.value, selected.value.selection)
  return reader.ok ? wholePicture(reader.value) : reader
}

const ENDS_EARLY = failure("picture/damaged", "The header ends early.")
