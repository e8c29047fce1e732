import { hash } from "node:crypto"
import type Sharp from "sharp"
import { readWrittenJpeg } from "../jpeg.ts"
import type { Thumbnail, ThumbnailLook } from "./order.ts"
import type { Size } from "./plan.ts"

export type DrawnCell = { readonly rgb: Buffer; readonly look: ThumbnailLook }

/**
 * Red, green and blue of a cell that shows a thumbnail without its bars; one of another shape gets bars of the cell's. null
 * where the bytes are not the thumbnail that its fact describes.
 */
export async function drawCell(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  { thumbnail: { width, height, picture }, cell }: { readonly thumbnail: Thumbnail; readonly cell: Size },
): Promise<DrawnCell | null> {
  const header = readWrittenJpeg(bytes)
  if (header?.width !== width || header.height !== height || !isInside(picture, { width, height })) return null
  const { x: left, y: top, ...size } = picture
  // One pipeline for all: each costs as much as the picture in it. Code values stay what they are.
  const open = { limitInputPixels: width * height, failOn: "error", autoOrient: false, ignoreIcc: true } as const
  const rgb = await orNull(
    sharp(bytes, open)
      .extract({ left, top, ...size })
      .resize({ ...cell, fit: "contain", background: "#000" })
      .removeAlpha()
      .toColourspace("srgb")
      .raw()
      .toBuffer(),
  )
  if (rgb?.length !== cell.width * cell.height * 3) return null
  const peak = rgb.reduce((most, value) => Math.max(most, value), 0)
  return { rgb, look: { peak, hash: hash("sha256", bytes, "hex").slice(0, 32) } }
}

const isInside = ({ x, y, width, height }: Thumbnail["picture"], canvas: Size): boolean =>
  x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= canvas.width && y + height <= canvas.height

async function orNull(drawn: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await drawn
  } catch (error) {
    // libvips says in many words what is wrong with a file; that it is damaged is all that anybody here does with it.
    if (error instanceof Error && error.constructor === Error) return null
    throw error
  }
}
