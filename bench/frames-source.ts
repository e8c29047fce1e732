import { copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { must } from "./processes.ts"

export const COMPRESSIONS = ["zip", "piz", "dwaa"] as const
export type Compression = (typeof COMPRESSIONS)[number]

const oiiotool = new URL("../vendor/OpenImageIO/bin/oiiotool", import.meta.url).pathname

/** A 4096x2160 half-float RGB frame: a gradient with highlights, edges, and grain that no compression foresees. */
export async function makeFrame(folder: string, compression: Compression): Promise<string> {
  const file = join(folder, `grain-${compression}.exr`)
  const gradient = "fill:topleft=0.02,0.05,0.3:topright=1.4,0.6,0.2:bottomleft=0.1,0.4,0.05:bottomright=4,3,2"
  await must(oiiotool, [
    ...["--pattern", gradient, "4096x2160", "3"],
    ...["--pattern", "checker:color1=0.2,0.2,0.2:color2=0.9,0.9,0.9:width=256:height=256", "4096x2160", "3"],
    ...["--mulc", "0.5", "--add", "--noise:type=gaussian:mean=0:stddev=0.02:seed=1"],
    ...["-d", "half", "--compression", compression, "-o", file],
  ])
  return file
}

/** A folder of so many copies of a frame, as a render would leave them. */
export async function folderOf(frame: string, copies: number, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (let number = 1; number <= copies; number++) {
    await copyFile(frame, join(folder, `grain.${String(number).padStart(4, "0")}.exr`))
  }
  return folder
}
