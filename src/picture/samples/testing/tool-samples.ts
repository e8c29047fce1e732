import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { firstBytes } from "../../header/bytes.ts"
import { readExr } from "../../header/exr.ts"
import { DEFAULT_LIMITS } from "../../header/limits.ts"
import { boxHeight, boxWidth } from "../../header/model.ts"

const OIIOTOOL = fileURLToPath(new URL("../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))

/** A whole picture in memory: R, G and B, rows one after the other. */
export type WholePicture = {
  readonly width: number
  readonly height: number
  readonly planes: readonly [Float32Array, Float32Array, Float32Array]
}

/** The samples of these channels as the pinned oiiotool reads them, as floats; null where it refuses the file. */
export function toolSamples(bytes: Uint8Array, extension: string, channels: readonly string[]): WholePicture | null {
  const folder = mkdtempSync(join(tmpdir(), "samples-"))
  try {
    const [source, floats] = [join(folder, `a.${extension}`), join(folder, "b.exr")]
    writeFileSync(source, bytes)
    const [r, g, b] = channels
    const output = ["-d", "float", "--compression", "none", "-o", floats]
    const run = spawnSync(OIIOTOOL, [source, "--ch", `R=${r},G=${g},B=${b}`, ...output], { timeout: 60_000 })
    return run.status === 0 ? floatPlanes(readFileSync(floats)) : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Planes of an uncompressed scan-line EXR of 32-bit B, G and R: eight bytes, then one row of each. */
function floatPlanes(file: Buffer): WholePicture {
  const header = readExr(firstBytes(file, file.length), DEFAULT_LIMITS)
  const part = header.kind === "read" ? header.value.parts[0] : undefined
  if (header.kind !== "read" || part === undefined) throw new Error("oiiotool wrote an EXR that is not read")
  const [width, height] = [boxWidth(part.dataWindow), boxHeight(part.dataWindow)]
  const rows = (header.value.spans[0]?.lengthBytes ?? 0) + height * 8
  const planes = [2, 1, 0].map((place) => {
    const plane = new Float32Array(width * height)
    for (let y = 0; y < height; y++) {
      const row = rows + y * (8 + width * 12) + 8 + place * width * 4
      plane.set(
        new Float32Array(file.buffer.slice(file.byteOffset + row, file.byteOffset + row + width * 4)),
        y * width,
      )
    }
    return plane
  })
  return { width, height, planes: planes as unknown as WholePicture["planes"] }
}
