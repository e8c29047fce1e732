import { describe, expect, it } from "vitest"
import { failedFrame, frame, sheet, shot } from "./testing/sheets.ts"
import { type Choice, chosen, grouped, keyOf, type State, statesOf, tilesOf, versionsOf } from "./tiles.ts"

const SHOTS = [
  shot(),
  shot({ folder: "sh010/comp_v002/", name: "sh010_comp_v002.#.exr", version: "002", made: "1001-1008" }),
  shot({
    folder: "sh020/beauty/",
    name: "sh020_beauty.#.exr",
    version: null,
    made: "1001-1006,1009-1016",
    missing: "1007-1008",
    changedAtMs: 1_775_009_999_000,
  }),
]
const tiles = tilesOf(
  sheet({
    shots: SHOTS,
    frames: [
      frame({ shot: 0, number: 1001, folder: "sh010/comp_v001/" }),
      frame(),
      frame({ name: "black.dpx", format: "dpx", colourSpace: "adx10", allBlack: true }),
    ],
    failures: [failedFrame(), failedFrame({ shot: 2, number: 1012 })],
  }),
)

const keys = (choice: Partial<Choice>): readonly string[] =>
  chosen(tiles, { query: "", state: "all", order: "name", ...choice }).map(keyOf)

describe("the tiles of a sheet", () => {
  it("are its shots, the frames of no shot, and the failures of no shot", () => {
    expect(tiles.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      "shot s0",
      "shot s1",
      "shot s2",
      "frame f1",
      "frame f2",
      "failed x0",
    ])
  })

  it.each<[State, number]>([
    ["all", 6],
    ["shots", 3],
    ["singles", 3],
    ["gaps", 1],
    ["failed", 1],
    ["warned", 1],
  ])("of the state %s are %i", (state, count) => {
    expect(keys({ state })).toHaveLength(count)
    expect(statesOf(tiles)).toContainEqual({ state, count })
  })

  it("offers no state that none is of, nor one that all are of", () => {
    expect(statesOf(tilesOf(sheet({ frames: [], failures: [] }))).map(({ state }) => state)).toEqual(["all"])
  })

  it.each([
    ["comp", ["sh010/comp_v001/sh010_comp_v001.#.exr", "sh010/comp_v002/sh010_comp_v002.#.exr"]],
    ["COMP v002", ["sh010/comp_v002/sh010_comp_v002.#.exr"]],
    ["comp -v002", ["sh010/comp_v001/sh010_comp_v001.#.exr"]],
    ["picture/damaged", ["plates/broken.exr"]],
    ["adx10", ["plates/black.dpx"]],
    ["nowhere", []],
  ])("are found by %s", (query, found) => {
    expect(keys({ query })).toEqual(found)
  })

  it("are sorted by name as people count, by time, by frames, and by what is wrong with them", () => {
    const numbered = tilesOf(
      sheet({ shots: [], failures: [], frames: ["a10.exr", "a2.exr"].map((name) => frame({ name })) }),
    )
    expect(chosen(numbered, { query: "", state: "all", order: "name" }).map(keyOf)).toEqual([
      "plates/a2.exr",
      "plates/a10.exr",
    ])
    expect(keys({ order: "newest" })[0]).toBe("sh020/beauty/sh020_beauty.#.exr")
    expect(keys({ order: "frames" }).slice(0, 2)).toEqual([
      "sh010/comp_v001/sh010_comp_v001.#.exr",
      "sh020/beauty/sh020_beauty.#.exr",
    ])
    expect(keys({ order: "worst" }).slice(0, 3)).toEqual([
      "plates/broken.exr",
      "sh020/beauty/sh020_beauty.#.exr",
      "plates/black.dpx",
    ])
  })

  it.each([
    ["top", ["plates", "sh010", "sh020"]],
    ["two", ["plates", "sh010/comp_v001", "sh010/comp_v002", "sh020/beauty"]],
    ["none", [""]],
  ] as const)("are grouped by folders: %s", (grouping, titles) => {
    expect(
      grouped(chosen(tiles, { query: "", state: "all", order: "name" }), grouping).map(({ title }) => title),
    ).toEqual(titles)
  })

  it("are grouped below the folders that all have in common", () => {
    const deep = tiles.map(
      (tile) => ({ ...tile, item: { ...tile.item, folder: `show/ep1/${tile.item.folder}` } }) as typeof tile,
    )
    expect(grouped(deep, "top").map(({ title }) => title)).toEqual([
      "show/ep1/sh010",
      "show/ep1/sh020",
      "show/ep1/plates",
    ])
  })
})

describe("another version of a shot", () => {
  it("has the same name and folder but for the version's number", () => {
    const [first = shot(), second, third = shot()] = SHOTS
    expect(versionsOf(first, SHOTS)).toEqual([second])
    expect(versionsOf(third, SHOTS)).toEqual([])
  })

  it("is of the same bucket, and has a movie", () => {
    const [first = shot()] = SHOTS
    const others = [shot({ ...SHOTS[1], bucket: "elsewhere" }), shot({ ...SHOTS[1], movie: null })]
    expect(versionsOf(first, [first, ...others])).toEqual([])
  })
})
