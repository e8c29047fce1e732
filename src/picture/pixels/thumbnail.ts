import type { Rectangle } from "../index.ts"
import { compressRow, expandRow } from "./highlights.ts"
import { type Look, rowShower } from "./look.ts"
import type { Size } from "./orientation.ts"
import { createResizer, type PlanarRow } from "./resizer.ts"
import { triangleTaps } from "./taps.ts"

export type ThumbnailParts = {
  /** Size of the picture that it is made from. */
  readonly from: Size
  readonly rectangle: Rectangle
  readonly edgePx: number
  readonly look: Look
  /** Whether bright pixels are taken down before it is shrunk; not where white is paper. */
  readonly compressesHighlights: boolean
}

/** Makes the thumbnail from the rows of the larger picture, all in working light. */
export type Thumbnailer = {
  put(row: PlanarRow, index: number): void
  /** Red, green and blue of the whole canvas, 8 bits each; black around the picture. */
  rgb(): Uint8Array<ArrayBuffer>
}

/** The recipe's second resize: highlights compressed before it and expanded after it where there are any, then the look. */
export function createThumbnailer({
  from,
  rectangle,
  edgePx,
  look,
  compressesHighlights,
}: ThumbnailParts): Thumbnailer {
  const rgb = new Uint8Array(edgePx * edgePx * 3)
  const compressed = new Float32Array(from.width * 3)
  const [width, both] = [from.width, 2 * from.width]
  const planes = [compressed.subarray(0, width), compressed.subarray(width, both), compressed.subarray(both)] as const
  const show = rowShower(look, rectangle.width)
  const axis = (size: number, outputSize: number) =>
    triangleTaps({ displaySize: size, dataStart: 0, dataSize: size, outputSize })
  const resizer = createResizer({
    columns: axis(from.width, rectangle.width),
    rows: axis(from.height, rectangle.height),
    emit: (row, index) => {
      if (compressesHighlights) expandRow(row)
      const at = ((rectangle.y + index) * edgePx + rectangle.x) * 3
      toBytes(show(row), rgb.subarray(at, at + rectangle.width * 3))
    },
  })
  return {
    put(row, index) {
      if (compressesHighlights) compressRow(row, compressed)
      else compressed.set(row)
      resizer.push(planes, index)
    },
    rgb: () => rgb,
  }
}

/** Rounds halves up, as oiiotool does. */
function toBytes(shown: PlanarRow, rgb: Uint8Array): void {
  const width = shown.length / 3
  for (let x = 0, at = 0; x < width; x++, at += 3) {
    rgb[at] = (shown[x] as number) * 255 + 0.5
    rgb[at + 1] = (shown[width + x] as number) * 255 + 0.5
    rgb[at + 2] = (shown[2 * width + x] as number) * 255 + 0.5
  }
}
