import { writeFile } from "node:fs/promises"
import type Sharp from "sharp"
import { type Failure, failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { RenderSettings } from "../index.ts"
import { onScratch } from "../scratch-failure.ts"

/** Loaded at the first picture: commands that make none do not pay for it. */
async function loadSharp(): Promise<Result<typeof Sharp>> {
  try {
    const { default: sharp } = await import("sharp")
    // One small picture after another: neither threads of its own nor a cache would help.
    sharp.concurrency(1)
    sharp.cache(false)
    return done(sharp)
  } catch (error) {
    return failed(classify(error))
  }
}

/** sharp says at length what to install where it does not find the library of this machine's kind. */
function classify(error: unknown): Failure {
  if (!(error instanceof Error) || !/sharp/i.test(error.message)) throw error
  const [line = ""] = error.message.split("\n")
  return failure("tool/missing", `The library that writes thumbnails cannot be loaded: ${line.trim()}`)
}

let loaded: ReturnType<typeof loadSharp> | null = null

const sharpLibrary = (): ReturnType<typeof loadSharp> => {
  loaded ??= loadSharp()
  return loaded
}

/** Version of the library that writes the thumbnails. Fails: tool/missing. */
export async function libvipsVersion(): Promise<Result<string>> {
  const sharp = await sharpLibrary()
  return sharp.ok ? done(sharp.value.versions.vips) : sharp
}

/** JFIF 1.02 without a thumbnail of its own, square pixels: what marks a JPEG file, and libvips leaves out. */
const JFIF = Buffer.from([0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0])
const START_BYTES = 2

/**
 * Writes the thumbnail, 4:2:0, as JFIF with a profile of sRGB and no other metadata: viewers that manage colour take
 * untagged pictures for whatever their display is. Fails: tool/missing, scratch/full.
 */
export async function writeJpeg(
  rgb: Uint8Array,
  { thumbnailEdgePx: edge, thumbnailQuality: quality }: RenderSettings,
  path: string,
): Promise<Result<void>> {
  const sharp = await sharpLibrary()
  if (!sharp.ok) return sharp
  const bytes = await sharp
    .value(rgb, { raw: { width: edge, height: edge, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .withIccProfile("srgb")
    .toBuffer()
  const file = Buffer.concat([bytes.subarray(0, START_BYTES), JFIF, bytes.subarray(START_BYTES)])
  return onScratch(async () => done(await writeFile(path, file)))
}
