import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { countOf, isCount, isExact, isInt, isLong, isTime, LARGEST_LONG, nearestTime } from "./time.ts"

const ENDS = [2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64 - 1, 2 ** 64]

describe("numbers that a fact can hold", () => {
  it("a long reaches to two below 2^53, on both sides, and a row one further", () => {
    expect(ENDS.map(isLong)).toEqual([true, false, false, false, false, false])
    expect(ENDS.map((end) => isLong(-end))).toEqual([true, false, false, false, false, false])
    expect(ENDS.map(isExact)).toEqual([true, true, false, false, false, false])
    expect(LARGEST_LONG).toBe(ENDS[0])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, "7", 7n, null, undefined, {}])("%s is none of them", (value) => {
    expect([isLong(value), isCount(value), isInt(value), isExact(value), isTime(value)]).toEqual(Array(5).fill(false))
  })

  it("a count is not negative, an int has 32 bits", () => {
    expect([isCount(0), isCount(-1), isCount(LARGEST_LONG)]).toEqual([true, false, true])
    expect([isInt(2 ** 31 - 1), isInt(2 ** 31), isInt(-(2 ** 31)), isInt(-(2 ** 31) - 1)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it("digits are a count, or nothing", () => {
    expect(["0", "42", String(LARGEST_LONG)].map(countOf)).toEqual([0, 42, LARGEST_LONG])
    const others = ["", " 1", "-1", "1e3", "0x10", "1.5", "9007199254740991", "18446744073709551615", "1".repeat(400)]
    expect(others.map(countOf)).toEqual(others.map(() => null))
  })

  it("whatever a clock says, the nearest time can be written as a date", () => {
    fc.assert(
      fc.property(fc.double(), (epochMs) => {
        expect(isTime(nearestTime(epochMs))).toBe(true)
        expect(() => new Date(nearestTime(epochMs)).toISOString()).not.toThrow()
      }),
    )
    expect([nearestTime(1_775_001_600_000.7), nearestTime(Number.NaN), nearestTime(2 ** 63)]).toEqual([
      1_775_001_600_000, 0, 8.64e15,
    ])
  })
})
