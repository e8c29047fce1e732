import { writeFile } from "node:fs/promises"
import { done, type Result } from "../../events/result.ts"
import type { RenderSettings } from "../index.ts"
import { onScratch } from "../scratch-failure.ts"

/** Loaded at the first picture: commands that make none do not pay for it. */
const loadSharp = async () => {
  const { default: sharp } = await import("sharp")
  // One small picture after another: neither threads of its own nor a cache would help.
  sharp.concurrency(1)
  sharp.cache(false)
  return sharp
}

let loaded: ReturnType<typeof loadSharp> | null = null

/** Version of the library that writes the thumbnails. */
export const libvipsVersion = async (): Promise<string> => {
  loaded ??= loadSharp()
  return (await loaded).versions.vips
}

/**
 * Writes the thumbnail, 4:2:0, without metadata and without a profile: sRGB is what everybody takes it for.
 * Fails: scratch/full.
 */
export async function writeJpeg(
  rgb: Uint8Array,
  { thumbnailEdgePx: edge, thumbnailQuality: quality }: RenderSettings,
  path: string,
): Promise<Result<void>> {
  loaded ??= loadSharp()
  const sharp = await loaded
  const bytes = await sharp(rgb, { raw: { width: edge, height: edge, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer()
  return onScratch(async () => done(await writeFile(path, bytes)))
}
