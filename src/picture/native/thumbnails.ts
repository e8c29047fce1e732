import { keptTaps, type Taps } from "../pixels/taps.ts"
import type { NativeLibrary } from "./library.ts"
import { axisOf } from "./pixels.ts"

type Size = { readonly width: number; readonly height: number }

/** A thumbnail that is to be drawn, and where. */
export type ThumbnailDrawing = {
  /** Canvas of the thumbnail, and where in it the picture is: inside. */
  readonly thumbnail: Size & { readonly picture: Rectangle }
  /** Red, green and blue, 8 bits each. */
  readonly sheet: Uint8Array
  readonly sheetWidth: number
  /** The part of the sheet that the picture is to fill: inside. */
  readonly place: Rectangle
}

type Rectangle = Size & { readonly x: number; readonly y: number }

/** Draws thumbnails with the library. */
export type NativeThumbnails = {
  /**
   * Draws the picture of a JPEG. Answers the greatest code value that it drew; null where the bytes are not the thumbnail
   * that is described, and then the place is black.
   */
  readonly draw: (jpeg: Uint8Array, drawing: ThumbnailDrawing) => number | null
}

export function nativeThumbnails({ declared }: NativeLibrary): NativeThumbnails {
  const draw = declared(
    "int thumbnail_draw(const uint8_t *jpeg, int bytes, const int32_t *numbers, const int32_t *columns, const float *column_weights, const int32_t *rows, const float *row_weights, uint8_t *sheet)",
  )
  return {
    draw(jpeg, { thumbnail: { width, height, picture }, sheet, sheetWidth, place }) {
      if (!isInside(picture, { width, height })) throw new Error("The picture is not inside its thumbnail.")
      if (!isInside(place, { width: sheetWidth, height: sheet.length / 3 / sheetWidth }))
        throw new Error("The cell is not inside the sheet.")
      const at = [picture.x, picture.y, picture.width, picture.height, sheetWidth, place.x, place.y]
      const columns = tapsOf(picture.width, place.width)
      const rows = tapsOf(picture.height, place.height)
      const axes = [axisOf(columns), columns.weights, axisOf(rows), rows.weights] as const
      const peak = Number(draw(jpeg, jpeg.length, Int32Array.of(width, height, ...at), ...axes, sheet))
      return peak < 0 ? null : peak
    },
  }
}

const isInside = ({ x, y, width, height }: Rectangle, canvas: Size): boolean =>
  x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= canvas.width && y + height <= canvas.height

/** The filter of every picture. */
const tapsOf = (size: number, outputSize: number): Taps =>
  keptTaps({ displaySize: size, dataStart: 0, dataSize: size, outputSize })
