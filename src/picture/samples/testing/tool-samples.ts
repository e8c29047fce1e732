import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { toolPlanes } from "../exr/testing/tool-planes.ts"

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
