import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { BLACK, cellFor, cornerOf, planSheet, posterIndex, type SheetPlan } from "./plan.ts"
import { sheetVtt } from "./vtt.ts"

const FILM = { num: 24, den: 1 }
const everyOne = (count: number) => Int32Array.from({ length: count }, (_, at) => at)

const planned = (shown: Int32Array, count: number, cell = { width: 178, height: 100 }): SheetPlan => {
  const plan = planSheet(shown, count, cell)
  if (plan === null) throw new Error("Nothing to show.")
  return plan
}

describe("the plan of a sheet", () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 240 }), height: fc.integer({ min: 1, max: 100 }) })
  const movies = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(310), { minLength: 1, maxLength: 3000 }))
  const limits = fc.record({
    mostPx: fc.integer({ min: 240, max: 65_500 }),
    mostCells: fc.integer({ min: 1, max: 900 }),
  })

  it("has a cell for every moment of a movie, and is never larger than it may be", () => {
    fc.assert(
      fc.property(sizes, movies, limits, (cell, [count, frames], most) => {
        const shown = Int32Array.from(frames)
        const plan = planSheet(shown, count, cell, most)
        if (plan === null) throw new Error("A cell fits.")
        expect(plan.cues[0]?.from).toBe(0)
        expect(plan.cues.at(-1)?.to).toBe(shown.length)
        for (const [at, { from, to, cell }] of plan.cues.entries()) {
          expect(to).toBeGreaterThan(from)
          if (at > 0) expect(from).toBe(plan.cues[at - 1]?.to)
          const picture = plan.pictures[cell] ?? Number.NaN
          const isOfCue = shown.subarray(from, to).some((one) => (one >= count ? BLACK : one) === picture)
          expect(isOfCue).toBe(true)
        }
        expect(plan.pictures.length).toBeLessThanOrEqual(most.mostCells)
        expect(Math.max(plan.width, plan.height)).toBeLessThanOrEqual(most.mostPx)
        const last = cornerOf(plan, plan.pictures.length - 1)
        expect(last.x + cell.width).toBeLessThanOrEqual(plan.width)
        expect(last.y + cell.height).toBe(plan.height)
      }),
    )
  })

  it("shows every frame of a shot, and samples of a long one", () => {
    expect([...planned(everyOne(240), 240).pictures]).toEqual([...everyOne(240)])
    const long = planned(everyOne(100_000), 100_000)
    expect(long).toMatchObject({ columns: 15, width: 2670, height: 2700 })
    expect([long.pictures.length, long.pictures[0], long.pictures[399]]).toEqual([400, 125, 99_875])
  })

  it("is as wide as it must be where no more rows fit", () => {
    const plan = planSheet(everyOne(70), 70, { width: 7, height: 100 }, { mostPx: 250, mostCells: 900 })
    expect(plan).toMatchObject({ columns: 35, width: 245, height: 200 })
  })

  it("gives frames that show one picture one cell, and black ones another", () => {
    const plan = planned(Int32Array.of(0, 0, 1, 3, 1, 3), 3)
    expect([...plan.pictures]).toEqual([0, 1, BLACK])
    const cues = [[0, 2, 0], [2, 3, 1], [3, 4, 2], [4, 5, 1], [5, 6, 2]] // biome-ignore format: a table
    expect(plan.cues).toEqual(cues.map(([from, to, cell]) => ({ from, to, cell })))
    expect(planSheet(new Int32Array(), 0, { width: 10, height: 10 })).toBeNull()
  })

  it("has cells of the picture's shape, never larger than the picture", () => {
    expect(cellFor({ width: 256, height: 144 })).toEqual({ width: 178, height: 100 })
    expect(cellFor({ width: 256, height: 64 })).toEqual({ width: 240, height: 60 })
    expect(cellFor({ width: 100, height: 256 })).toEqual({ width: 39, height: 100 })
    expect(cellFor({ width: 5, height: 3 })).toEqual({ width: 5, height: 3 })
    expect(cellFor({ width: 4096, height: 1 })).toEqual({ width: 240, height: 1 })
  })
})

describe("the cues of a sheet", () => {
  it("are WebVTT, with times at the movie's rate and places on the sheet", () => {
    const plan = planned(Int32Array.of(0, 1, 1, 2), 3)
    expect(sheetVtt(plan, "beauty_sprites.jpg", { num: 24000, den: 1001 })).toBe(`WEBVTT

00:00:00.000 --> 00:00:00.041
beauty_sprites.jpg#xywh=0,0,178,100

00:00:00.041 --> 00:00:00.125
beauty_sprites.jpg#xywh=178,0,178,100

00:00:00.125 --> 00:00:00.166
beauty_sprites.jpg#xywh=0,100,178,100
`)
  })

  it("hold the time of each of their frames, at every rate", () => {
    const rates = fc.constantFrom(FILM, { num: 24000, den: 1001 }, { num: 60000, den: 1001 }, { num: 240, den: 1 })
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 399 }), fc.nat(9_999_999), (rate, count, start) => {
        const cues = Array.from({ length: count }, (_, at) => ({ from: start + at, to: start + at + 1, cell: 0 }))
        const text = sheetVtt({ ...planned(everyOne(1), 1), cues }, "a.jpg", rate)
        const times = [...text.matchAll(/(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})/g)]
        expect(times).toHaveLength(count)
        for (const [at, [, ...parts]] of times.entries()) {
          const [h = 0, m = 0, s = 0, ms = 0, h2 = 0, m2 = 0, s2 = 0, ms2 = 0] = parts.map(Number)
          const [from, to] = [h * 3600 + m * 60 + s + ms / 1000, h2 * 3600 + m2 * 60 + s2 + ms2 / 1000]
          const time = ((start + at) * rate.den) / rate.num
          expect(from).toBeLessThanOrEqual(time + 1e-9)
          expect(to).toBeGreaterThan(time - 1e-9)
        }
      }),
    )
  })

  it("cannot be forged by a name", () => {
    const text = sheetVtt(planned(everyOne(1), 1), "a --> b\n\n00:00 #x\ud800é.jpg", FILM)
    expect(text).toContain("a%20--%3E%20b%0A%0A00%3A00%20%23x%EF%BF%BD%C3%A9.jpg#xywh=")
    expect(text.split("\n")).toHaveLength(5)
  })
})

describe("the poster", () => {
  const frames = Float64Array.of(1001, 1002, 1003, 1010, 1020)
  it.each([
    ["first", 0],
    ["middle", 2],
    ["last", 4],
    [1010, 3],
    [1004, 2],
    [1016, 4],
    [1, 0],
    [9999, 4],
  ] as const)("is by rule the %s frame, or the one nearest to it", (choice, index) => {
    expect(posterIndex(frames, choice)).toBe(index)
    expect(posterIndex(new Float64Array(), choice)).toBeNull()
  })
})
