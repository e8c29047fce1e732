import { type BitsTable, cachedTable, cellOf } from "./bits-table.ts"
import { canvasWriter } from "./canvas.ts"
import { rowShower } from "./look.ts"
import type { Size } from "./orientation.ts"
import type { PixelOutput } from "./plan.ts"
import { createResizer, type PlanarRow } from "./resizer.ts"
import { keptTaps, type Taps } from "./taps.ts"

type SecondResizeParts = {
  /** Size of the picture that it is made from. */
  readonly from: Size
  /** Whether bright pixels are taken down before it is shrunk; not where white is paper. */
  readonly compressesHighlights: boolean
}

/** Makes a smaller output from the rows of the main one, all in working light. */
type SecondResize = {
  readonly name: string
  put(row: PlanarRow, index: number): void
  canvas(): Uint8Array<ArrayBuffer>
}

/** The recipe's second resize: highlights compressed before it and expanded after it where there are any, then the look. */
export function createSecondResize(
  output: PixelOutput,
  { from, compressesHighlights }: SecondResizeParts,
): SecondResize {
  const { rectangle } = output
  const writer = canvasWriter(output)
  const compressed = new Float32Array(from.width * 3)
  const [width, both] = [from.width, 2 * from.width]
  const planes = [compressed.subarray(0, width), compressed.subarray(width, both), compressed.subarray(both)] as const
  const show = rowShower(output.look, rectangle.width)
  const resizer = createResizer({
    ...secondTaps(from, rectangle),
    emit: (row, index) => {
      if (compressesHighlights) expandRow(row)
      writer.put(show(row), index)
    },
  })
  return {
    name: output.name,
    put(row, index) {
      if (compressesHighlights) compressRow(row, compressed)
      else compressed.set(row)
      resizer.push(planes, index)
    },
    canvas: writer.canvas,
  }
}

/** How the main picture, of the size `from`, is resized to a smaller output's rectangle. */
export function secondTaps(from: Size, rectangle: Size): { readonly columns: Taps; readonly rows: Taps } {
  const axis = (size: number, outputSize: number) =>
    keptTaps({ displaySize: size, dataStart: 0, dataSize: size, outputSize })
  return { columns: axis(from.width, rectangle.width), rows: axis(from.height, rectangle.height) }
}

/** OpenImageIO's rangecompress and rangeexpand (imagebufalgo_pixelmath.cpp): a logarithm above 0.18, mirrored below 0. */
const [LINEAR_MAX, A, B, C] = [0.18, -0.545768857, 0.183516696, 284.357788]

const compressedLight = (light: number): number => (light <= LINEAR_MAX ? light : A + B * Math.log(C * light + 1))

export const highlightsTable = (): BitsTable => cachedTable("highlights", () => compressedLight)

/** Takes highlights down before a picture is shrunk, so that one bright pixel does not outshine all around it. */
export function compressRow(row: PlanarRow, target: PlanarRow): void {
  const table = highlightsTable()
  const bits = new Int32Array(row.buffer)
  for (let x = 0; x < target.length; x++) {
    const one = bits[x] as number
    const cell = cellOf(one & 0x7fffffff)
    const value = (table[cell] as number) + (table[cell + 1] as number) * (one & 0xffff)
    target[x] = one < 0 ? -value : value
  }
}

/** Brings them back, in place. */
export function expandRow(row: PlanarRow): void {
  for (let x = 0; x < row.length; x++) {
    const value = row[x] as number
    const size = Math.abs(value)
    if (size > LINEAR_MAX) row[x] = Math.sign(value) * ((Math.exp((size - A) / B) - 1) / C)
  }
}
