import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Axis, triangleTaps } from "./taps.ts"

const size = fc.integer({ min: 1, max: 200 })

/** Any data window against any display window, inside it, around it or apart. */
const axis: fc.Arbitrary<Axis> = fc.record({
  displaySize: size,
  dataStart: fc.integer({ min: -220, max: 220 }),
  dataSize: size,
  outputSize: size,
})

const weightsOf = (one: Axis): { source: number; weight: number }[][] => {
  const { starts, weights, count } = triangleTaps(one)
  return Array.from(starts, (start, output) =>
    Array.from(weights.subarray(output * count, (output + 1) * count), (weight, tap) => ({
      source: start + tap,
      weight,
    })),
  )
}

describe("triangle taps", () => {
  it("stay inside the data that has a part, and never go back", () => {
    fc.assert(
      fc.property(axis, (one) => {
        const { starts, count, first, last } = triangleTaps(one)
        if (first > last) return
        const all = [...starts]
        expect([first >= 0, last < one.dataSize]).toEqual([true, true])
        expect(all.every((start) => start >= first && start + count - 1 <= last)).toBe(true)
        expect(all.every((start, output) => output === 0 || start >= (all[output - 1] ?? 0))).toBe(true)
      }),
    )
  })

  it("give every sample inside the display window a part, and none outside", () => {
    fc.assert(
      fc.property(axis, (one) => {
        const { first, last } = triangleTaps(one)
        const inside = Array.from({ length: one.dataSize }, (_, source) => source).filter(
          (source) => source + one.dataStart >= 0 && source + one.dataStart < one.displaySize,
        )
        expect(first > last ? [] : [first, last]).toEqual(inside.length === 0 ? [] : [inside[0], inside.at(-1)])
        const parts = new Set(
          weightsOf(one)
            .flat()
            .filter(({ weight }) => weight > 0)
            .map(({ source }) => source),
        )
        expect(inside.filter((source) => !parts.has(source))).toEqual([])
      }),
    )
  })

  it("add up to one where the data fills the display window, and to less where some of it is missing", () => {
    fc.assert(
      fc.property(axis, (one) => {
        const sums = weightsOf(one).map((taps) => taps.reduce((sum, { weight }) => sum + weight, 0))
        const isFull = one.dataStart <= 0 && one.dataStart + one.dataSize >= one.displaySize
        expect(sums.every((sum) => sum < 1 + 1e-6 && (!isFull || sum > 1 - 1e-6))).toBe(true)
      }),
    )
  })

  it("copy a picture that keeps its size", () => {
    const taps = triangleTaps({ displaySize: 64, dataStart: 0, dataSize: 64, outputSize: 64 })
    expect([taps.count, [...taps.starts], [...taps.weights]]).toEqual([
      1,
      Array.from({ length: 64 }, (_, x) => x),
      Array.from({ length: 64 }, () => 1),
    ])
  })

  it("halve a row by one, three, three and one eighths", () => {
    const { count, weights } = triangleTaps({ displaySize: 64, dataStart: 0, dataSize: 64, outputSize: 32 })
    expect([...weights.subarray(count, 2 * count)]).toEqual([0.125, 0.375, 0.375, 0.125])
  })
})
