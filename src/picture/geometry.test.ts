import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type LetterBox, pictureAlone, pictureRectangle } from "./geometry.ts"

const THUMBNAIL: LetterBox = { widthPx: 256, heightPx: 256, even: false }
const PROXY: LetterBox = { widthPx: 1920, heightPx: 1080, even: true }
const shape = (width: number, height: number, pixelAspect = 1, orientation = 1) => ({
  displayWindow: { xMin: -40, yMin: 7, xMax: width - 41, yMax: height + 6 },
  pixelAspect,
  orientation,
})

describe("the picture inside the thumbnail", () => {
  it.each([
    ["t01, 400x300", shape(400, 300), 256, 192],
    ["t07, 481x371", shape(481, 371), 256, 197],
    ["t15, aspect 1.5", shape(481, 371, 1.5), 256, 132],
    ["t16, aspect 2/3", shape(481, 371, 2 / 3), 221, 256],
    ["a line of 60000x1", shape(60_000, 1), 256, 1],
    ["a single pixel", shape(1, 1), 256, 256],
    ["a portrait by orientation 6", shape(400, 300, 1, 6), 192, 256],
    ["an anamorphic portrait", shape(400, 300, 2, 8), 96, 256],
  ])("of %s keeps its shape", (_, of, width, height) => {
    expect(pictureRectangle(of, THUMBNAIL)).toMatchObject({ width, height })
  })

  it("is centred", () => {
    expect(pictureRectangle(shape(400, 300), THUMBNAIL)).toEqual({ x: 0, y: 32, width: 256, height: 192 })
  })
})

describe("the picture inside the proxy", () => {
  it.each([
    ["2048x1556", shape(2048, 1556), { x: 248, y: 0, width: 1422, height: 1080 }],
    ["4096x2160", shape(4096, 2160), { x: 0, y: 34, width: 1920, height: 1012 }],
    ["64x48, scaled up", shape(64, 48), { x: 240, y: 0, width: 1440, height: 1080 }],
    ["a line of 60000x1", shape(60_000, 1), { x: 0, y: 538, width: 1920, height: 2 }],
  ])("of %s stands where halved chroma stays inside", (_, of, rectangle) => {
    expect(pictureRectangle(of, PROXY)).toEqual(rectangle)
  })

  it("is even, inside the canvas and touches two of its edges, whatever the source", () => {
    const side = fc.integer({ min: 1, max: 65_535 })
    const aspect = fc.double({ min: 0.1, max: 10, noNaN: true })
    fc.assert(
      fc.property(side, side, aspect, fc.integer({ min: 1, max: 8 }), (width, height, pixelAspect, orientation) => {
        const { x, y, ...size } = pictureRectangle(shape(width, height, pixelAspect, orientation), PROXY)
        expect([x % 2, y % 2, size.width % 2, size.height % 2]).toEqual([0, 0, 0, 0])
        expect(x >= 0 && y >= 0 && x + size.width <= 1920 && y + size.height <= 1080).toBe(true)
        expect(size.width === 1920 || size.height === 1080).toBe(true)
        expect(size.width > 0 && size.height > 0).toBe(true)
      }),
    )
  })
})

describe("the picture alone", () => {
  it.each([
    ["its longer side as long as the edge", shape(4096, 2160), 2048, [2048, 1080]],
    ["never enlarged", shape(400, 300), 2048, [400, 300]],
    ["upright where it lies on its side", shape(4096, 2160, 1, 6), 2048, [1080, 2048]],
    ["in square pixels", shape(1828, 1556, 2), 1828, [1828, 778]],
    ["at least one pixel high", shape(60_000, 1), 100, [100, 1]],
  ] as const)("is %s", (_, of, edgePx, [width, height]) => {
    expect(pictureAlone(of, edgePx, false)).toEqual({ x: 0, y: 0, width, height })
  })

  it("has even sides where it becomes a movie", () => {
    expect(pictureAlone(shape(4096, 2161), 999, true)).toEqual({ x: 0, y: 0, width: 998, height: 528 })
  })
})
