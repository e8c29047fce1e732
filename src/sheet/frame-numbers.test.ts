import { describe, expect, it } from "vitest"
import { frameNumbers, indexAt, spriteAt, timecodeOf } from "./frame-numbers.ts"
import { shot } from "./testing/sheets.ts"

const GAPPY = shot({ made: "1001-1003,1006", missing: "1004", failed: "1005" })

describe("the numbers of a movie's frames", () => {
  it("count every frame between the first and the last where another is shown in a gap", () => {
    const { at, indexOf } = frameNumbers(GAPPY)
    expect([0, 1, 2, 3, 4, 5].map(at)).toEqual([1001, 1002, 1003, 1004, 1005, 1006])
    expect([1001, 1004, 1006].map(indexOf)).toEqual([0, 3, 5])
  })

  it("count a gap whose frames are not listed to the end", () => {
    const { at, indexOf } = frameNumbers(shot({ made: "1001,1009", missing: "1002-1004,..." }))
    expect([0, 7, 8].map(at)).toEqual([1001, 1008, 1009])
    expect(indexOf(1009)).toBe(8)
  })

  it("leave out what is not made where gaps are skipped", () => {
    const { at, indexOf } = frameNumbers({ ...GAPPY, gaps: "skip" })
    expect([0, 1, 2, 3].map(at)).toEqual([1001, 1002, 1003, 1006])
    expect([1003, 1004, 1005, 1006].map(indexOf)).toEqual([2, 2, 2, 3])
  })

  it("may be negative, and too many to count through", () => {
    const { at, indexOf } = frameNumbers(shot({ made: "-5--1,0-100000000" }))
    expect([at(0), at(5), at(100_000_005)]).toEqual([-5, 0, 100_000_000])
    expect(indexOf(-99)).toBe(0)
  })
})

describe("the timecode of a movie's frame", () => {
  it.each([
    ["00:00:41:17", { num: 24, den: 1 }, 7, "00:00:42:00"],
    ["00:00:59;29", { num: 30_000, den: 1001 }, 1, "00:01:00;02"],
    ["01:00:00:00", { num: 24_000, den: 1001 }, 24, "01:00:01:00"],
  ])("from %s at %o is, %i frames on, %s", (timecode, rate, index, says) => {
    expect(timecodeOf({ timecode, rate }, index)).toBe(says)
  })

  it("is none where there is none, or none of that rate", () => {
    expect(timecodeOf(shot({ timecode: null }), 0)).toBeNull()
    expect(timecodeOf(shot({ timecode: "00:00:00:29" }), 0)).toBeNull()
    expect(timecodeOf(shot({ rate: null }), 0)).toBeNull()
  })
})

it.each([
  [0, 0],
  [0.0624, 0],
  [0.0626, 1],
  [0.999, 15],
  [1, 15],
  [1.3, 15],
  [-0.1, 0],
])("the place %d of a tile is frame %i of 16", (place, index) => {
  expect(indexAt(place, 16)).toBe(index)
})

it("a frame's cell is the one whose moment it lies in", () => {
  const sprites = {
    url: "s.jpg",
    width: 178,
    height: 100,
    columns: 2,
    rows: 2,
    moments: [
      [0, 0],
      [4, 1],
      [5, 2],
    ] as const,
  }
  expect([0, 3, 4, 5, 99].map((index) => spriteAt(sprites, index))).toEqual([
    { column: 0, row: 0 },
    { column: 0, row: 0 },
    { column: 1, row: 0 },
    { column: 0, row: 1 },
    { column: 0, row: 1 },
  ])
})
