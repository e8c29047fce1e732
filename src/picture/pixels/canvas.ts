import type { Rectangle } from "../model.ts"
import type { Size } from "./orientation.ts"
import type { PixelOutput } from "./plan.ts"
import type { PlanarRow } from "./resizer.ts"

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

/** Weights of red and blue in luma (BT.709). */
const [RED, BLUE] = [0.2126, 0.0722]
const GREEN = 1 - RED - BLUE
/** Codes of black, of the steps up to white, of colourless and of the steps from one full colour to the other. */
const [BLACK, LUMA_STEPS, GREY, CHROMA_STEPS] = [16, 219, 128, 224]

/**
 * Writes a picture into the planes of a canvas: Y, then Cb and Cr of half its size. BT.709, limited range, 8 bits,
 * chroma on the left column of its pair and between its two rows, filtered with the triangle that zscale has for it: 1
 * 2 1 across, 1 3 3 1 down. The rectangle must be even: at its border the picture's own edge goes on, so that bars stay
 * black and the picture takes nothing of them. Rounded without dithering: at the default quality x264 flattens dithered
 * gradients again, which then are further off (0.29 codes against 0.25 in the mean of 16x16 pixels) and a third larger.
 */
export function createYuvWriter(canvas: Size, rectangle: Rectangle): CanvasWriter {
  const { width, height } = canvas
  const lumaSize = width * height
  const planes = new Uint8Array(lumaSize * 1.5).fill(BLACK, 0, lumaSize).fill(GREY, lumaSize)
  const halfWidth = rectangle.width / 2
  const ring = Array.from({ length: 4 }, () => new Float32Array(rectangle.width))

  const chromaRow = (pair: number): void => {
    const [from, to] = [2 * pair - 1, rectangle.height - 1]
    const [a, b, c, d] = [from, from + 1, from + 2, from + 3].map((y) => ring[Math.min(to, Math.max(0, y)) % 4])
    if (a === undefined || b === undefined || c === undefined || d === undefined) return
    const at = lumaSize + ((rectangle.y / 2 + pair) * width) / 2 + rectangle.x / 2
    mixRows({ a, b, c, d }, planes.subarray(at, at + halfWidth), 0)
    mixRows({ a, b, c, d }, planes.subarray(at + lumaSize / 4, at + lumaSize / 4 + halfWidth), halfWidth)
  }

  return {
    put(row, index) {
      const at = (rectangle.y + index) * width + rectangle.x
      lumaRow(row, planes.subarray(at, at + rectangle.width))
      coloursOf(row, ring[index % 4] as Float32Array)
      if (index >= 2 && index % 2 === 0) chromaRow(index / 2 - 1)
      if (index === rectangle.height - 1) chromaRow((index - 1) / 2)
    },
    canvas: () => planes,
  }
}

function lumaRow(row: PlanarRow, luma: Uint8Array): void {
  const width = luma.length
  const last = 2 * width
  for (let x = 0; x < width; x++) {
    const light = RED * (row[x] as number) + GREEN * (row[width + x] as number) + BLUE * (row[last + x] as number)
    luma[x] = BLACK + LUMA_STEPS * light + 0.5
  }
}

/** Cb, then Cr of every other column, between -0.5 and 0.5. */
function coloursOf(row: PlanarRow, colours: Float32Array): void {
  const width = colours.length
  const half = width / 2
  const [green, blue] = [width, 2 * width]
  for (let x = 0; x < width; x += 2) {
    const left = x === 0 ? 0 : x - 1
    const r = (row[left] as number) + 2 * (row[x] as number) + (row[x + 1] as number)
    const g = (row[green + left] as number) + 2 * (row[green + x] as number) + (row[green + x + 1] as number)
    const b = (row[blue + left] as number) + 2 * (row[blue + x] as number) + (row[blue + x + 1] as number)
    const luma = RED * r + GREEN * g + BLUE * b
    colours[x >> 1] = (b - luma) * TO_CB
    colours[half + (x >> 1)] = (r - luma) * TO_CR
  }
}

/** A quarter, for the four that were added up across. */
const [TO_CB, TO_CR] = [0.25 / (2 * (1 - BLUE)), 0.25 / (2 * (1 - RED))]

type FourRows = {
  readonly a: Float32Array
  readonly b: Float32Array
  readonly c: Float32Array
  readonly d: Float32Array
}

function mixRows({ a, b, c, d }: FourRows, chroma: Uint8Array, from: number): void {
  for (let x = 0; x < chroma.length; x++) {
    const at = from + x
    const colour = (a[at] as number) + 3 * ((b[at] as number) + (c[at] as number)) + (d[at] as number)
    chroma[x] = GREY + (CHROMA_STEPS / 8) * colour + 0.5
  }
}
