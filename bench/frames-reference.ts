import { mkdir, readdir, rm } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { debianMissing } from "../test/machine/debian.ts"
import { atOnce, must } from "./processes.ts"

/** Debian's own, never what stands first in PATH: the pinned wheel's oiiotool knows no `Rec709` without a config. */
const OIIOTOOL = "/usr/bin/oiiotool"
const FFMPEG = "/usr/bin/ffmpeg"

/** Null when the reference's tools are there, else a sentence that says how to get them. Installs them where it may. */
export const referenceMissing = (): Promise<string | null> =>
  debianMissing({ programs: [OIIOTOOL, FFMPEG], packages: ["openimageio-tools", "ffmpeg"] })

/** The reference function's way of making both outputs: four oiiotool processes and one ffmpeg, one after the other. */
async function frame(source: string, folder: string): Promise<void> {
  const [thumbnail, full, shrunk, movie] = ["thumb.jpg", "full.tif", "proxy.png", "proxy.mp4"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  await mkdir(folder, { recursive: true })
  await must(OIIOTOOL, ["--info", "-v", source])
  await must(OIIOTOOL, [source, "--colorconvert", "linear", "sRGB", "--fit:pad=1", "256x256", "-o", thumbnail])
  await must(OIIOTOOL, [source, "--colorconvert", "linear", "Rec709", "-o", full])
  await must(OIIOTOOL, [full, "--fit:pad=1", "1920x1080", "-o", shrunk])
  await must(FFMPEG, [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-i", shrunk],
    ...["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart", movie],
  ])
  await rm(folder, { recursive: true })
}

/** The reference on the frames of a folder, as many at once as there are cores. */
export async function reference(folder: string, scratch: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".exr"))
  await atOnce(availableParallelism(), names, (name) => frame(join(folder, name), join(scratch, name)))
}
