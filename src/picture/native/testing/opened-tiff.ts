import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import { unwrap } from "../../../events/testing/results.ts"
import { firstBytes } from "../../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import { readHeader } from "../../read/header/read.ts"
import { selectPicture } from "../../read/select/selection.ts"
import { wholePicture } from "../../samples/testing/whole.ts"
import type { NativeLibrary } from "../library.ts"
import { openNativeTiff, type TiffOrder } from "../tiff.ts"

/** Writes a TIFF into the folder, and says how it is read. */
export function orderOf(folder: string, file: Uint8Array): TiffOrder {
  const path = join(folder, "a.tif")
  writeFileSync(path, file)
  const header = readHeader(firstBytes(file, file.length), "a.tif")
  if (header.kind !== "read") throw new Error(`The header is not read: ${JSON.stringify(header)}`)
  const asked = { fileSizeBytes: file.length, limits: DEFAULT_LIMITS, ownReaders: true }
  return { path, header: header.value, selection: unwrap(selectPicture(header.value, asked)).selection }
}

/** Red, green and blue as the library reads them. */
export function planesOf(library: NativeLibrary, order: TiffOrder): readonly Float32Array[] {
  const native = unwrap(openNativeTiff(library, order))
  try {
    return unwrap(wholePicture(native)).planes
  } finally {
    native.close()
  }
}

/** Largest difference of any sample. */
export function largest(ours: readonly Float32Array[], theirs: readonly Float32Array[]): number {
  expect(ours.map(({ length }) => length)).toEqual(theirs.map(({ length }) => length))
  return Math.max(
    ...ours.flatMap((plane, n) => [...plane].map((value, at) => Math.abs(value - (theirs[n]?.[at] ?? 9)))),
  )
}

/** Ratio of a whole range to the noise between two pictures, dB. */
export function ratioDb(ours: readonly Float32Array[], theirs: readonly Float32Array[]): number {
  const squares = ours.flatMap((plane, n) => [...plane].map((value, at) => (value - (theirs[n]?.[at] ?? 9)) ** 2))
  return -10 * Math.log10(squares.reduce((sum, one) => sum + one, 0) / squares.length)
}
