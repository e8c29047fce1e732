import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { PictureHeader } from "../../../read/header/model.ts"
import { openPlaneReader } from "../planes/plane-reader.ts"
import { headerOf, memoryBytes, seen } from "./opened.ts"

export const OIIOTOOL = fileURLToPath(new URL("../../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))

/**
 * One thread: OpenEXR chooses its DWA code for this processor while other threads decode already, so that their first
 * blocks may be rounded as its plain code does.
 */
const ONE_THREAD = ["--threads", "1", "--oiioattrib", "exr_threads", "-1"]

export type PlaneChoice = { readonly part: number; readonly channels: readonly string[] }

/** All samples of the channels of one part, as our reader gives them. */
export function planesOf(file: Uint8Array, header: PictureHeader, asked: PlaneChoice): readonly Float32Array[] {
  const reader = openPlaneReader(memoryBytes(file), header, asked)
  if (!reader.ok) throw new Error(reader.failure.says)
  const read = seen(reader.value, { first: 0, last: reader.value.height - 1 })
  if (!read.ok) throw new Error(read.failure.says)
  return read.value.planes
}

/**
 * The same as the pinned oiiotool reads them, by way of an uncompressed EXR of 32-bit floats. `first`: arguments that come
 * before the file.
 */
export function toolPlanes(
  path: string,
  { part, channels }: PlaneChoice,
  first: readonly string[] = [],
): readonly Float32Array[] {
  const folder = mkdtempSync(join(tmpdir(), "exr-planes-"))
  try {
    const floats = join(folder, "floats.exr")
    const names = channels.map((name, index) => `c${index}=${name}`)
    const changes = ["--subimage", String(part), "--ch", names.join(","), "-d", "float", "--compression", "none"]
    const run = spawnSync(OIIOTOOL, [...ONE_THREAD, ...first, path, ...changes, "-o", floats], {
      encoding: "utf8",
      timeout: 60_000,
    })
    if (run.status !== 0) throw new Error(run.stderr)
    const file = readFileSync(floats)
    const header = headerOf(file)
    if (header === null) throw new Error("oiiotool wrote an EXR that is refused")
    return planesOf(file, header, { part: 0, channels: channels.map((_, index) => `c${index}`) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Samples of each plane that are not the same bit for bit; NaN of any payload is NaN. */
export const differences = (ours: readonly Float32Array[], theirs: readonly Float32Array[]): readonly number[] =>
  ours.map((plane, index) => {
    const other = theirs[index] ?? new Float32Array(0)
    if (other.length !== plane.length) return Number.POSITIVE_INFINITY
    return plane.reduce((count, value, at) => (Object.is(value, other[at]) ? count : count + 1), 0)
  })
