import type Sharp from "sharp"
import { readWrittenJpeg } from "../jpeg.ts"
import type { Thumbnail } from "./order.ts"
import type { Size } from "./plan.ts"

/**
 * Red, green and blue of a cell that shows a thumbnail without its bars; one of another shape gets bars of the cell's. null
 * where the bytes are not the thumbnail that its fact describes.
 */
export async function drawCell(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  { thumbnail: { width, height, picture }, cell }: { readonly thumbnail: Thumbnail; readonly cell: Size },
): Promise<Buffer | null> {
  const header = readWrittenJpeg(bytes)
  if (header?.width !== width || header.height !== height) return null
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
  return rgb?.length === cell.width * cell.height * 3 ? rgb : null
}

/** Whether what its fact says can be: a picture inside the canvas. */
export const isDescribed = ({ width: canvasWidth, height: canvasHeight, picture }: Thumbnail): boolean => {
  const { x, y, width, height } = picture
  return x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= canvasWidth && y + height <= canvasHeight
}

async function orNull(drawn: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await drawn
  } catch (error) {
    // libvips says in many words what is wrong with a file; that it is damaged is all that anybody here does with it.
    if (error instanceof Error && error.constructor === Error) return null
    throw error
  }
}
