import { hash } from "node:crypto"
import type Sharp from "sharp"
import { readWrittenJpeg } from "../jpeg.ts"
import type { Size } from "./plan.ts"

/** A thumbnail as its fact describes it: its canvas, and where in it the picture is. */
export type Thumbnail = Size & { readonly picture: Size & { readonly x: number; readonly y: number } }

/** What a thumbnail tells of its frame: the greatest code value in it, and a hash of its bytes. */
export type ThumbnailLook = { readonly peak: number; readonly hash: string }

export type DecodedThumbnail = { readonly rgb: Buffer; readonly look: ThumbnailLook }

/** Red, green and blue of a thumbnail; null where the bytes are not the thumbnail that its fact describes. */
export async function decodeThumbnail(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  { width, height, picture }: Thumbnail,
): Promise<DecodedThumbnail | null> {
  const header = readWrittenJpeg(bytes)
  if (header?.width !== width || header.height !== height || !isInside(picture, { width, height })) return null
  const rgb = await decoded(sharp, bytes, width * height)
  if (rgb?.length !== width * height * 3) return null
  const peak = rgb.reduce((most, value) => Math.max(most, value), 0)
  return { rgb, look: { peak, hash: hash("sha256", bytes, "hex").slice(0, 32) } }
}

const isInside = ({ x, y, width, height }: Thumbnail["picture"], canvas: Size): boolean =>
  x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= canvas.width && y + height <= canvas.height

async function decoded(sharp: typeof Sharp, bytes: Uint8Array, pixels: number): Promise<Buffer | null> {
  try {
    const picture = sharp(bytes, { limitInputPixels: pixels, failOn: "error", autoOrient: false })
    return await picture.removeAlpha().toColourspace("srgb").raw().toBuffer()
  } catch (error) {
    // libvips says in many words what is wrong with a file; that it is damaged is all that anybody here does with it.
    if (error instanceof Error && error.constructor === Error) return null
    throw error
  }
}
