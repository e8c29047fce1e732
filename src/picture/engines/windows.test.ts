import { join } from "node:path"
import { expect, it } from "vitest"
import type { Reading, Rectangle, Rendered } from "../model.ts"
import {
  corpusFolder,
  decodeJpeg,
  decodeMovie,
  type EngineFixture,
  eachEngine,
  pixel,
  type Yuv,
} from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

const corpus = await corpusFolder()
if (corpus === null) process.stderr.write("The shared corpus is not on this machine: its windows are not tested.\n")

let fixture: EngineFixture
/** t01: data and display window are one; all sixteen files hold these same 400x300 pixels. */
let whole: ShownFrame
const describeEach = eachEngine(async (opened) => {
  fixture = opened
  if (corpus !== null) whole = await show(1)
})

type ShownFrame = { readonly reading: Reading; readonly made: Rendered; readonly movie: Yuv }

async function show(number: number): Promise<ShownFrame> {
  const sourceFile = join(corpus ?? "", `openexr-images/DisplayWindow/t${String(number).padStart(2, "0")}.exr`)
  const request = { sourceFile, key: "t.exr", statedSpace: null, colour: SETTINGS.colour }
  const read = await fixture.engine.read(request)
  if (!read.ok) throw new Error(read.failure.says)
  const made = await fixture.render(sourceFile, read.value)
  return { reading: read.value, made, movie: await decodeMovie(fixture, made.files.proxy.path) }
}

describeEach("a display window", () => {
  it.skipIf(corpus === null).each([
    [1, 256, 192],
    [2, 256, 192],
    [3, 256, 194],
    [4, 256, 194],
    [5, 256, 196],
    [6, 256, 192],
    [7, 256, 197],
    [8, 256, 205],
    [9, 171, 256],
    [10, 85, 256],
    [11, 256, 128],
    [12, 256, 64],
    [13, 256, 256],
    [14, 256, 256],
    [15, 256, 132],
    [16, 221, 256],
  ])("is shown whole, in place and in shape: t%i fills %i x %i of the thumbnail", async (number, width, height) => {
    const shown = await show(number)
    const thumb = await decodeJpeg(shown.made.files.thumbnail.path)
    expect([thumb.width, thumb.height, shown.movie.width, shown.movie.height]).toEqual([256, 256, 640, 360])
    expect(shown.made.files.thumbnail.picture).toMatchObject({ width, height })
    expect(shown.made.allBlack).toBe(number >= 9 && number <= 12)
    const { x, y } = shown.made.files.thumbnail.picture
    for (const [column, row] of [
      [x - 9, 128],
      [x + width + 8, 128],
      [128, y - 9],
      [128, y + height + 8],
    ] as const)
      if (column >= 0 && column < 256 && row >= 0 && row < 256)
        expect(Math.max(...pixel(thumb, column, row))).toBeLessThan(8)
    expect(differences(shown)).toEqual([])
  })
})

const [DATA_WIDTH, DATA_HEIGHT] = [400, 300]

/** Points of the display window, every 20 pixels, whose luma is not that of the same data pixel in t01, or of black. */
function differences(shown: ShownFrame): string[] {
  const { displayWindow: window, dataWindow: data } = shown.reading.selection
  const wrong: string[] = []
  for (let row = window.yMin + 10; row <= window.yMax - 9; row += 20)
    for (let column = window.xMin + 10; column <= window.xMax - 9; column += 20) {
      const at = { x: column - data.xMin, y: row - data.yMin }
      if (isNearBorder(at)) continue
      const isData = at.x >= 0 && at.x < DATA_WIDTH && at.y >= 0 && at.y < DATA_HEIGHT
      const expected = isData ? lumaAround(whole, { column: at.x, row: at.y }) : 16
      const found = lumaAround(shown, { column, row })
      if (Math.abs(found - expected) > 12) wrong.push(`${column},${row}: ${found} for ${expected}`)
    }
  return wrong
}

const isNearBorder = ({ x, y }: { x: number; y: number }): boolean =>
  [x, x - DATA_WIDTH, y, y - DATA_HEIGHT].some((distance) => Math.abs(distance) < 4)

/** Mean luma of the movie over the square of four source pixels a side around a source pixel's middle. */
function lumaAround({ reading, made, movie }: ShownFrame, at: { column: number; row: number }): number {
  const { displayWindow: window } = reading.selection
  const picture: Rectangle = made.files.proxy.picture
  const [across, down] = [
    picture.width / (window.xMax - window.xMin + 1),
    picture.height / (window.yMax - window.yMin + 1),
  ]
  let sum = 0
  for (let step = 0; step < 64; step++) {
    const column = at.column - 1.5 + (4 * (step % 8)) / 8
    const row = at.row - 1.5 + (4 * Math.floor(step / 8)) / 8
    const x = Math.floor(picture.x + (column - window.xMin + 0.25) * across)
    const y = Math.floor(picture.y + (row - window.yMin + 0.25) * down)
    sum += movie.at(x, y)[0]
  }
  return sum / 64
}
