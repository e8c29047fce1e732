import type { Rectangle } from "../index.ts"
import type { Size } from "./orientation.ts"
import type { PixelOutput } from "./plan.ts"
import type { PlanarRow } from "./resizer.ts"
import { createYuvWriter } from "./yuv420.ts"

/** Writes code values 0..1 that come row by row, from the top down, into a canvas. */
export type CanvasWriter = {
  put(row: PlanarRow, index: number): void
  /** The whole canvas, once all rows were put. */
  canvas(): Uint8Array<ArrayBuffer>
}

export const canvasWriter = ({ pixels, canvas, rectangle }: PixelOutput): CanvasWriter =>
  pixels === "yuv420p" ? createYuvWriter(canvas, rectangle) : createRgbWriter(canvas, rectangle)

/** Red, green and blue, 8 bits each; black around the picture. */
function createRgbWriter(canvas: Size, rectangle: Rectangle): CanvasWriter {
  const rgb = new Uint8Array(canvas.width * canvas.height * 3)
  return {
    put(row, index) {
      const at = ((rectangle.y + index) * canvas.width + rectangle.x) * 3
      toBytes(row, rgb.subarray(at, at + rectangle.width * 3))
    },
    canvas: () => rgb,
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
