import { chmodSync, rmSync, writeFileSync } from "node:fs"
import { realTool } from "../../src/picture/inprocess/testing/broken-tool.ts"

/** An ffmpeg that begins its work only when the test lets it: a render stays under way for as long as a test needs it. */
export type HeldTool = { readonly flags: readonly string[]; readonly release: () => void }

/** Questions about the version are answered at once, since a run asks them before it begins. */
export async function heldTool(path: string): Promise<HeldTool> {
  const [program, hold] = [await realTool("ffmpeg"), `${path}.hold`]
  const script = [
    "#!/bin/sh",
    `case " $* " in *" -version "*|*" -h "*) exec '${program}' "$@" ;; esac`,
    `while [ -e '${hold}' ]; do sleep 0.05; done`,
    `exec '${program}' "$@"`,
  ]
  writeFileSync(hold, "")
  writeFileSync(path, `${script.join("\n")}\n`)
  chmodSync(path, 0o755)
  return { flags: ["--ffmpeg", path], release: () => rmSync(hold) }
}
