import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brokenTool, realTool } from "../../src/picture/engines/testing/broken-tool.ts"

/**
 * An ffmpeg that begins its work only when the test lets it: a render stays under way for as long as a test needs it. The
 * engine on oiiotool starts one for each frame, whatever else is there.
 */
export type HeldTool = { readonly flags: readonly string[]; readonly release: () => void }

/** The folder must exist. */
export async function heldTool(folder: string): Promise<HeldTool> {
  const hold = join(folder, "hold")
  const waits = `while [ -e '${hold}' ]; do sleep 0.05; done\nexec '${await realTool("ffmpeg")}' "$@"`
  writeFileSync(hold, "")
  const flags = ["--engine", "oiiotool", "--ffmpeg", await brokenTool(folder, "ffmpeg", waits)]
  return { flags, release: () => rmSync(hold) }
}
