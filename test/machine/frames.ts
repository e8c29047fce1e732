import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const SAMPLES = fileURLToPath(new URL("../../samples/", import.meta.url))

/** Real frames, the small ones of samples/. */
export const SAMPLE = {
  window: "openexr-images/DisplayWindow/t01.exr",
  shifted: "openexr-images/DisplayWindow/t07.exr",
  stretched: "openexr-images/DisplayWindow/t15.exr",
  grey: "openexr-images/TestImages/GrayRampsDiagonal.exr",
  rings: "openexr-images/TestImages/BrightRingsNanInf.exr",
  quad: "OpenImageIO-images/tiff/quad-tile.tif",
  flower: "OpenImageIO-images/tiff/flower-rgb-contig-16.tif",
  film: "OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx",
  beachball: "openexr-images/Beachball/singlepart.0001.exr",
  damaged: "openexr-images/Damaged/heap-oob.exr",
} as const

export type Sample = keyof typeof SAMPLE

export const samplePath = (sample: Sample): string => join(SAMPLES, SAMPLE[sample])

/** A folder of frames of its own, with a place for states and one for scratch space beside it. */
export type Frames = {
  /** Absolute path without links. Its name, the bucket, is `show`. */
  readonly dir: string
  readonly beside: (name: string) => string
  readonly path: (key: string) => string
  readonly add: (key: string, sample: Sample) => void
  /** Every file below the folder, the state's apart, as sorted keys. */
  readonly files: () => readonly string[]
  readonly remove: () => void
}

export function openFrames(frames: Readonly<Record<string, Sample>> = {}): Frames {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "frames-")))
  const dir = join(home, "show")
  mkdirSync(dir)
  const path = (key: string): string => join(dir, key)
  const add = (key: string, sample: Sample): void => {
    mkdirSync(dirname(path(key)), { recursive: true })
    copyFileSync(samplePath(sample), path(key))
  }
  for (const [key, sample] of Object.entries(frames)) add(key, sample)
  return {
    dir,
    beside: (name) => join(home, name),
    path,
    add,
    files: () =>
      filesBelow(dir)
        .filter((key) => !key.startsWith(".oiio-proxy-generator/"))
        .sort(),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

/**
 * A movie of this size is encoded in a tenth of the time, and tests of what is made, and when, need no larger one. All
 * commands that tests call or start are set to it, unless they say otherwise.
 */
export const SMALL_PROXIES = { OIIO_PROXY_WIDTH_PX: "320", OIIO_PROXY_HEIGHT_PX: "180" } as const

/** The size that users get. */
export const FULL_PROXIES = { OIIO_PROXY_WIDTH_PX: "1920", OIIO_PROXY_HEIGHT_PX: "1080" } as const
