import { existsSync } from "node:fs"
import { appendFile, copyFile, mkdir } from "node:fs/promises"
import { extname, join } from "node:path"
import { must } from "./processes.ts"

export type Compression = "zip" | "piz" | "dwaa"

const oiiotool = new URL("../vendor/OpenImageIO/bin/oiiotool", import.meta.url).pathname
const BEACHBALL = new URL("../../shared/corpus/openexr-images/Beachball/singlepart.0001.exr", import.meta.url).pathname

/** A kind of frame that the engines are measured on. */
export type Kind = {
  readonly name: string
  /** Frames in the folder. */
  readonly frames: number
  /** At least so many times less CPU and more frames a second than the reference; null to leave the reference out. */
  readonly targets: { readonly lessCpu: number; readonly moreFrames: number } | null
  /** Path of the frame; null where this machine does not have it. */
  readonly make: (folder: string) => Promise<string | null>
}

const FRAMES = 16

const large = (compression: Compression, lessCpu: number, moreFrames: number): Kind => ({
  name: `4096x2160 half, ${compression.toUpperCase()}`,
  frames: FRAMES,
  targets: { lessCpu, moreFrames },
  make: (folder) => makeFrame(folder, compression),
})

export const KINDS: readonly Kind[] = [
  large("zip", 30, 12),
  large("piz", 25, 8),
  large("dwaa", 25, 8),
  other("1920x1080 half, ZIP", FRAMES, (folder) => grain(join(folder, "hd.exr"), "1920x1080", half("zip"))),
  other("2048x1556 10-bit DPX", FRAMES, (folder) => grain(join(folder, "film.dpx"), "2048x1556", ["-d", "uint10"])),
  other("Beachball, 20 channels, ZIPS", FRAMES, async () => (existsSync(BEACHBALL) ? BEACHBALL : null)),
  other("7680x4320 half, ZIP", FRAMES / 4, (folder) => grain(join(folder, "uhd.exr"), "7680x4320", half("zip"))),
]

function other(name: string, frames: number, make: Kind["make"]): Kind {
  return { name, frames, targets: null, make }
}

const half = (compression: Compression): readonly string[] => ["-d", "half", "--compression", compression]

/** A 4096x2160 half-float RGB frame. */
export const makeFrame = (folder: string, compression: Compression): Promise<string> =>
  grain(join(folder, `grain-${compression}.exr`), "4096x2160", half(compression))

/** A 16384x8640 half-float RGB frame. */
export const makeHuge = (folder: string, compression: Compression): Promise<string> =>
  grain(join(folder, `huge-${compression}.exr`), "16384x8640", half(compression))

/** So many frames of 64x64 half, no two alike. */
export async function makeTiny(folder: string, count: number): Promise<void> {
  await must(oiiotool, [
    ...["--frames", `1-${count}`, "--pattern", "constant:color=0.5,0.3,0.1", "64x64", "3"],
    ...["--noise:type=gaussian:stddev=0.1:seed={FRAME_NUMBER}", ...half("zip"), "-o", join(folder, "tiny.####.exr")],
  ])
}

/** The same of any size. */
export const grainOf = (file: string, size: string, compression: Compression): Promise<string> =>
  grain(file, size, half(compression))

/** A gradient with highlights, edges, and grain that no compression foresees. */
async function grain(file: string, size: string, written: readonly string[]): Promise<string> {
  const gradient = "fill:topleft=0.02,0.05,0.3:topright=1.4,0.6,0.2:bottomleft=0.1,0.4,0.05:bottomright=4,3,2"
  await must(oiiotool, [
    ...["--pattern", gradient, size, "3"],
    ...["--pattern", "checker:color1=0.2,0.2,0.2:color2=0.9,0.9,0.9:width=256:height=256", size, "3"],
    ...["--mulc", "0.5", "--add", "--noise:type=gaussian:mean=0:stddev=0.02:seed=1"],
    ...[...written, "-o", file],
  ])
  return file
}

/**
 * A folder of so many copies of a frame, as a render would leave them. Each ends with a byte of its own, which no reader looks
 * at: copies that are the same to the byte are rendered once, and the others take its outputs.
 */
export async function folderOf(frame: string, copies: number, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (let number = 1; number <= copies; number++) {
    const copy = join(folder, `grain.${String(number).padStart(4, "0")}${extname(frame)}`)
    await copyFile(frame, copy)
    await appendFile(copy, Uint8Array.of(number))
  }
  return folder
}
