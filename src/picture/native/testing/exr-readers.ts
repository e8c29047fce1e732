import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect } from "vitest"
import type { Result } from "../../../events/result.ts"
import { unwrap } from "../../../events/testing/results.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import { isLuminanceChroma } from "../../read/select/exr.ts"
import { openLuminanceChromaReader } from "../../samples/exr/luminance-chroma.ts"
import { openExrReader } from "../../samples/exr/reader.ts"
import { headerOf, memoryBytes } from "../../samples/exr/testing/opened.ts"
import type { RowRange, SampleReader } from "../../samples/index.ts"
import { packageFolder } from "../../tools/find-tool.ts"
import { openNativeExr } from "../exr.ts"
import { libraryPath, loadNativeLibrary } from "../library.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))
const folder = mkdtempSync(join(tmpdir(), "native-exr-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

export type Shown = { readonly part: number; readonly channels: readonly string[] }

/** What a reader gave: a picture's rows, R, G and B of each behind one another, or the code of a failure. */
type Seen = readonly Float32Array[] | string

function seenBy(opened: Result<SampleReader>, range: RowRange | undefined): Seen {
  if (!opened.ok) return opened.failure.code
  const { first, last } = range ?? { first: 0, last: opened.value.height - 1 }
  const rows: Float32Array[] = []
  const read = opened.value.readRows({ first, last }, (row, samples) => {
    expect(row).toBe(first + rows.length)
    rows.push(Float32Array.of(...samples.flatMap((plane) => [...plane])))
  })
  return read.ok ? rows : read.failure.code
}

export const MOST_BYTES = 8 * 2 ** 20

/** What the library's reader sees in a file on disk. */
export function nativelySeen(
  path: string,
  header: PictureHeader,
  selection: Shown,
  { range, limitBytes = MOST_BYTES }: { readonly range?: RowRange | undefined; readonly limitBytes?: number } = {},
): Seen {
  const opened = openNativeExr(library, { path, header, selection, limitBytes })
  const seen = seenBy(opened, range)
  if (opened.ok) opened.value.close()
  return seen
}

/** What both readers see in a file: the library's, and the one in JavaScript. Null where its header is refused. */
export function bothSeen(file: Uint8Array, shown: Shown, range?: RowRange): { ours: Seen; theirs: Seen } | null {
  const header = headerOf(file)
  if (header === null) return null
  const path = join(folder, "a.exr")
  writeFileSync(path, file)
  const open = isLuminanceChroma(shown.channels) ? openLuminanceChromaReader : openExrReader
  const theirs = open(memoryBytes(file, MOST_BYTES + 1024), header, shown, { limitBytes: MOST_BYTES })
  return { ours: nativelySeen(path, header, shown, { range }), theirs: seenBy(theirs, range) }
}

/** Three of the channels of a part: red, green and blue where it has them, else the first ones. */
export function threeOf(names: readonly string[]): readonly string[] {
  const [first = "", second = first, third = second] = names
  for (const three of [
    ["R", "G", "B"],
    ["Y", "RY", "BY"],
  ])
    if (three.every((name) => names.includes(name))) return three
  return [first, second, third]
}
