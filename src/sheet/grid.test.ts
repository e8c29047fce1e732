import { describe, expect, it } from "vitest"
import { layOut, rowsWithin, thumbnailSide } from "./grid.ts"
import { frame, sheet } from "./testing/sheets.ts"
import { grouped, tilesOf } from "./tiles.ts"

const SIZES = { width: 1000, tileWidth: 240, gap: 10, captionHeight: 40, headingHeight: 30 }

const tilesIn = (folder: string, count: number) =>
  tilesOf(
    sheet({
      shots: [],
      failures: [],
      frames: Array.from({ length: count }, (_, at) => frame({ folder, name: `${at}.exr` })),
    }),
  )

describe("a grid of tiles", () => {
  it("fills its width with as many as fit, each 16:9 with room for its name", () => {
    const layout = layOut(grouped(tilesIn("a/", 5), "none"), SIZES)
    expect(layout).toMatchObject({ columns: 4, tileWidth: 242, pictureHeight: 136, height: 2 * 186 })
    expect(layout.rows.map(({ kind, top }) => [kind, top])).toEqual([
      ["tiles", 0],
      ["tiles", 186],
    ])
  })

  it("begins each group in a row of its own, below its heading", () => {
    const groups = grouped([...tilesIn("a/", 5), ...tilesIn("b/", 1)], "top")
    const { rows } = layOut(groups, SIZES)
    expect(rows.map((row) => (row.kind === "heading" ? row.group.title : row.tiles.length))).toEqual([
      "a",
      4,
      1,
      "b",
      1,
    ])
    expect(rows.map(({ top }) => top)).toEqual([0, 30, 216, 402, 432])
  })

  it("has one column where a tile is wider than the window", () => {
    expect(layOut(grouped(tilesIn("a/", 2), "none"), { ...SIZES, width: 200 })).toMatchObject({
      columns: 1,
      tileWidth: 200,
    })
  })

  it("draws, of 10,000 tiles, only the rows that are in the window", () => {
    const layout = layOut(grouped(tilesIn("a/", 10_000), "none"), SIZES)
    expect(layout.rows).toHaveLength(2500)
    expect(rowsWithin(layout, 0, 900).map(({ top }) => top)).toEqual([0, 186, 372, 558, 744])
    const last = rowsWithin(layout, layout.height - 100, layout.height + 800)
    expect(last.map(({ top }) => top)).toEqual([2499 * 186])
    const seen = rowsWithin(layout, 100_000, 100_900)
    expect(seen[0]?.top).toBeLessThanOrEqual(100_000)
    expect(seen.at(-1)?.top).toBeLessThanOrEqual(100_900)
    expect(seen).toHaveLength(6)
  })

  it("has so many columns at most, however wide the window is", () => {
    expect(layOut(grouped(tilesIn("a/", 40), "none"), { ...SIZES, width: 3840, tileWidth: 120 })).toMatchObject({
      columns: 16,
      tileWidth: 230,
    })
  })

  it("draws nothing where there is nothing", () => {
    expect(rowsWithin(layOut([], SIZES), 0, 900)).toEqual([])
  })
})

it.each([
  ["as wide as a tile", 16 / 9, 160],
  ["wider", 2.4, 160],
  ["square", 1, 90],
  ["higher than wide", 0.5, 90],
  ["4:3", 4 / 3, 120],
])("a square thumbnail of a picture that is %s shows all of it, as large as it fits", (_, aspect, side) => {
  expect(thumbnailSide(aspect, 160, 90)).toBeCloseTo(side)
})
