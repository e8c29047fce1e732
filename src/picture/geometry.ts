import type { Selection } from "../events/records.generated.ts"
import type { Rectangle } from "./model.ts"
import { boxHeight, boxWidth } from "./read/header/model.ts"

/** A canvas of fixed size in which a picture is to stand. */
export type LetterBox = {
  readonly widthPx: number
  readonly heightPx: number
  /** Sizes and offsets of the picture are even, so that halved chroma never straddles its border. Needs an even canvas. */
  readonly even: boolean
}

type Shape = Pick<Selection, "displayWindow" | "pixelAspect" | "orientation">

/**
 * The picture inside the canvas, for every engine and test alike: the whole display window, its aspect kept, as large as
 * fits (small sources are scaled up), centred, upright. At least 1 pixel a side, 2 where even.
 */
export function pictureRectangle(shape: Shape, { widthPx, heightPx, even }: LetterBox): Rectangle {
  const [width, height] = uprightSize(shape)
  const scale = Math.min(widthPx / width, heightPx / height)
  const step = even ? 2 : 1
  const inside = (size: number, canvasPx: number): number =>
    Math.min(canvasPx, Math.max(step, Math.round((size * scale) / step) * step))
  const [pictureWidth, pictureHeight] = [inside(width, widthPx), inside(height, heightPx)]
  return {
    x: Math.floor((widthPx - pictureWidth) / 2 / step) * step,
    y: Math.floor((heightPx - pictureHeight) / 2 / step) * step,
    width: pictureWidth,
    height: pictureHeight,
  }
}

/**
 * Size of the picture alone, upright and without bars: its longer side at most `edgePx`, never enlarged. At least 1 pixel a
 * side, 2 where even.
 */
export function pictureAlone(shape: Shape, edgePx: number, even: boolean): Rectangle {
  const [width, height] = uprightSize(shape)
  const scale = Math.min(1, edgePx / Math.max(width, height))
  const step = even ? 2 : 1
  const mostPx = Math.floor(edgePx / step) * step
  const sized = (side: number): number => Math.max(step, Math.min(mostPx, Math.round((side * scale) / step) * step))
  return { x: 0, y: 0, width: sized(width), height: sized(height) }
}

/** Size of the display window in square units, sides swapped where the orientation lies on its side (Exif 5 to 8). */
function uprightSize({ displayWindow, pixelAspect, orientation }: Shape): readonly [width: number, height: number] {
  const [width, height] = [boxWidth(displayWindow) * pixelAspect, boxHeight(displayWindow)]
  return orientation >= 5 ? [height, width] : [width, height]
}
