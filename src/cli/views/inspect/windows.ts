import type { Box } from "../../../events/records.generated.ts"
import { boxHeight, boxWidth } from "../../../picture/read/header/model.ts"

/** Characters are about twice as high as wide. */
const CELL_ASPECT = 2
const MOST_LINES = 16

/** What windows are drawn with: the four corners from the top left on, both kinds of line, and what fills the data window. */
export type DrawingCharacters = {
  readonly corners: string
  readonly flat: string
  readonly upright: string
  readonly fill: string
}

export const ASCII_CHARACTERS: DrawingCharacters = { corners: "++++", flat: "-", upright: "|", fill: "." }
export const UNICODE_CHARACTERS: DrawingCharacters = { corners: "┌┐└┘", flat: "─", upright: "│", fill: "░" }

export type Windows = { readonly display: Box; readonly data: Box; readonly pixelAspect: number }

type Scale = {
  readonly left: number
  readonly top: number
  readonly columnsPerPixel: number
  readonly linesPerPixel: number
}

/** Lines and columns from the first to the last of a box drawn to scale. */
type Drawn = { readonly x0: number; readonly x1: number; readonly y0: number; readonly y1: number }

/**
 * Display and data window to scale as they will be seen, pixel aspect included, at most `columns` wide: the frame is the
 * display window, the filled area the data window. The first line is the top of the picture.
 */
export function drawWindows(
  { display, data, pixelAspect }: Windows,
  columns: number,
  characters: DrawingCharacters,
): readonly string[] {
  const around = union(display, data)
  const aspect = pixelAspect >= 0.1 && pixelAspect <= 10 ? pixelAspect : 1
  const [width, height] = [boxWidth(around) * aspect, boxHeight(around)]
  const columnsPerUnit = Math.min((columns - 1) / width, ((MOST_LINES - 1) * CELL_ASPECT) / height)
  const scale = {
    left: around.xMin,
    top: around.yMin,
    columnsPerPixel: columnsPerUnit * aspect,
    linesPerPixel: columnsPerUnit / CELL_ASPECT,
  }
  const [frame, filled] = [drawn(display, scale), drawn(data, scale)]
  const [right, bottom] = [Math.max(frame.x1, filled.x1), Math.max(frame.y1, filled.y1)]
  const lines = Array.from({ length: bottom + 1 }, (_, y) =>
    Array.from(
      { length: right + 1 },
      (__, x) => border(frame, [x, y], characters) ?? (inside(filled, x, y) ? characters.fill : " "),
    ),
  )
  return lines.map((line) => line.join("").trimEnd())
}

const union = (a: Box, b: Box): Box => ({
  xMin: Math.min(a.xMin, b.xMin),
  yMin: Math.min(a.yMin, b.yMin),
  xMax: Math.max(a.xMax, b.xMax),
  yMax: Math.max(a.yMax, b.yMax),
})

/** However small it is, a box is at least two characters wide and high, so that its frame can be seen. */
function drawn({ xMin, yMin, xMax, yMax }: Box, { left, top, columnsPerPixel, linesPerPixel }: Scale): Drawn {
  const [x0, y0] = [Math.round((xMin - left) * columnsPerPixel), Math.round((yMin - top) * linesPerPixel)]
  const [x1, y1] = [Math.round((xMax + 1 - left) * columnsPerPixel), Math.round((yMax + 1 - top) * linesPerPixel)]
  return { x0, y0, x1: Math.max(x1, x0 + 1), y1: Math.max(y1, y0 + 1) }
}

const inside = ({ x0, x1, y0, y1 }: Drawn, x: number, y: number): boolean => x >= x0 && x <= x1 && y >= y0 && y <= y1

function border(box: Drawn, [x, y]: readonly [number, number], characters: DrawingCharacters): string | null {
  if (!inside(box, x, y)) return null
  const [isSide, isEnd] = [x === box.x0 || x === box.x1, y === box.y0 || y === box.y1]
  if (isSide && isEnd) return characters.corners[(y === box.y0 ? 0 : 2) + (x === box.x0 ? 0 : 1)] ?? characters.flat
  if (isEnd) return characters.flat
  return isSide ? characters.upright : null
}

/** `2048 x 1556`, and where it begins unless that is 0, 0. */
export function windowText(box: Box): string {
  const at = box.xMin === 0 && box.yMin === 0 ? "" : ` at (${box.xMin}, ${box.yMin})`
  return `${boxWidth(box)} x ${boxHeight(box)}${at}`
}
