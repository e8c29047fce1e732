import { describe, expect, it } from "vitest"
import { type Layout, layOut, layOutMany, type Row, thumbnailSide } from "./grid.ts"
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

const allOf = (layout: Layout): readonly Row[] => layout.within(0, layout.height)

describe("a grid of tiles", () => {
  it("fills its width with as many as fit, each 16:9 with room for its name", () => {
    const layout = layOut(grouped(tilesIn("a/", 5), "none"), SIZES)
    expect(layout).toMatchObject({ columns: 4, tileWidth: 242, pictureHeight: 136, height: 2 * 186 })
    expect(allOf(layout).map(({ kind, top }) => [kind, top])).toEqual([
      ["tiles", 0],
      ["tiles", 186],
    ])
  })

  it("begins each group in a row of its own, below its heading", () => {
    const groups = grouped([...tilesIn("a/", 5), ...tilesIn("b/", 1)], "top")
    const rows = allOf(layOut(groups, SIZES))
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
    expect(allOf(layout)).toHaveLength(2500)
    expect(layout.within(0, 900).map(({ top }) => top)).toEqual([0, 186, 372, 558, 744])
    const last = layout.within(layout.height - 100, layout.height + 800)
    expect(last.map(({ top }) => top)).toEqual([2499 * 186])
    const seen = layout.within(100_000, 100_900)
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
    expect(layOut([], SIZES).within(0, 900)).toEqual([])
  })
})

describe("a grid of a million tiles", () => {
  const [tile = null] = tilesIn("a/", 1)
  const many = (asked: number[] = []) => {
    const tileAt = (index: number) => {
      asked.push(index)
      return index === 999_999 ? tile : null
    }
    return layOutMany(1_000_000, tileAt, SIZES)
  }

  it("asks for no tile but those of the rows that are in the window", () => {
    const asked: number[] = []
    const layout = many(asked)
    expect(layout.height).toBe(250_000 * 216)
    const rows = layout.within(216 * 1000, 216 * 1000 + 400)
    expect(rows.map(({ top }) => top / 216)).toEqual([1000, 1001])
    expect(asked).toEqual([4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007])
  })

  it("ends with its last tile, and has holes where none is loaded", () => {
    const layout = layOutMany(999_998, () => null, SIZES)
    const last = layout.within(layout.height - 100, layout.height + 900)
    expect(last).toMatchObject([{ first: 999_996, tiles: [null, null] }])
    expect(
      many()
        .within(many().height - 100, many().height)
        .at(-1),
    ).toMatchObject({ tiles: [null, null, null, tile] })
  })

  it("has fewer columns where a page shall have fewer elements", () => {
    const sizes = { ...SIZES, width: 3840, mostColumns: 5 }
    expect(layOutMany(10, () => null, sizes)).toMatchObject({ columns: 5, tileWidth: 760 })
  })

  it("tells where a tile lies that is not drawn", () => {
    expect(many().rowOf(500_001)).toEqual({ top: 125_000 * 216, height: 206 })
    expect(layOut(grouped(tilesIn("a/", 10), "none"), SIZES).rowOf(5)).toMatchObject({ top: 186 })
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
