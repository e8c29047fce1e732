import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cappedRanges, frameSet, framesOfText, rangesText } from "./frame-ranges.ts"
import { FILESEQ_RANGES } from "./testing/fileseq-answers.ts"

describe("frames", () => {
  it.each<[readonly number[], string]>([
    [[], ""],
    [[1001], "1001"],
    [[1001, 1002], "1001-1002"],
    [[1045, 1001, 1002, 1003, 1001], "1001-1003,1045"],
    [[-3, -2, -1, 0, 5], "-3-0,5"],
    [[-5, -4, -2], "-5--4,-2"],
    [[2 ** 53 - 2, 2 ** 53 - 1], "9007199254740990-9007199254740991"],
  ])("%j are written %s", (frames, text) => expect(rangesText(frameSet(frames))).toBe(text))

  it("a hundred thousand of them, every second one missing, stay a text and come back", () => {
    const frames = Float64Array.from({ length: 100_000 }, (_, at) => 1001 + at * 2)
    expect(framesOfText(rangesText(frames))).toEqual(frames)
    expect(rangesText(frames.map((_, at) => at))).toBe("0-99999")
  })

  it("that are too many to be written end in ..., behind a whole run", () => {
    expect(cappedRanges("1-40,45,50-60", 13)).toBe("1-40,45,50-60")
    expect(cappedRanges("1-40,45,50-60", 12)).toBe("1-40,45,...")
    expect(cappedRanges("1-40,45,50-60", 7)).toBe("1-40,45,...")
    expect(cappedRanges("1-40,45,50-60", 6)).toBe("1-40,...")
  })

  it("come back from their text, whichever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1 }), (numbers) => {
        const frames = frameSet(numbers)
        expect([...frames]).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        expect(framesOfText(rangesText(frames))).toEqual(frames)
      }),
    )
  })
})

describe("a text", () => {
  it.each(FILESEQ_RANGES)("%s is read as fileseq reads it", (text, frames) =>
    expect(framesOfText(text)).toEqual(Float64Array.from(frames)),
  )

  it("may have blanks between runs", () => expect(framesOfText(" 1-2, 4")).toEqual(Float64Array.of(1, 2, 4)))

  it.each(["", "a", "1-", "3-1", "1,,2", "1.5", "1-9x0", "1-9y2", "1-9007199254740993", "0-9007199254740991", "1e3"])(
    "%j is none",
    (text) => expect(framesOfText(text)).toBeNull(),
  )
})
