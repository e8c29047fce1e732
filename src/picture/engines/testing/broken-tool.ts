import { chmod, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"

const VENDOR = new URL("../../../../vendor/", import.meta.url).pathname

/** The pinned tool itself. */
export async function realTool(name: "oiiotool" | "ffmpeg"): Promise<string> {
  if (name === "oiiotool") return join(VENDOR, "OpenImageIO/bin/oiiotool")
  const folder = join(VENDOR, "imageio_ffmpeg/binaries")
  return join(folder, (await readdir(folder)).find((found) => found.startsWith("ffmpeg-")) ?? "")
}

/** A tool that answers every question of a search as the real one does, and breaks in its own way as soon as it works. */
export async function brokenTool(folder: string, name: "oiiotool" | "ffmpeg", breaks: string): Promise<string> {
  const path = join(folder, `broken-${name}-${Math.random()}`)
  const asked = '*"--version"*|*"-version"*|*" -h "*'
  const script = `#!/bin/sh\ncase " $* " in ${asked}) exec '${await realTool(name)}' "$@" ;; esac\n${breaks}\n`
  await writeFile(path, script)
  await chmod(path, 0o755)
  return path
}
