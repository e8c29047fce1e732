import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const OIIOTOOL = fileURLToPath(new URL("../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))

/** The pinned decoder: what is said here about kinds of files was tried on it. */
export const hasDecoder: boolean = existsSync(OIIOTOOL)

/** Mean of the given channels, shown as R, G and B, over the whole file, 0 to 1; null where the decoder refuses it. */
export function meanColour(
  bytes: Uint8Array,
  extension: string,
  channels: readonly string[],
): readonly number[] | null {
  const folder = mkdtempSync(join(tmpdir(), "decoded-"))
  try {
    const path = join(folder, `a.${extension}`)
    writeFileSync(path, bytes)
    const [r, g, b] = channels
    const args = [path, "--ch", `R=${r},G=${g},B=${b}`, "--echo", "{TOP.AVGCOLOR}"]
    const { status, stdout } = spawnSync(OIIOTOOL, args, { encoding: "utf8", timeout: 60_000 })
    return status === 0 ? stdout.trim().split(",").map(Number) : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
