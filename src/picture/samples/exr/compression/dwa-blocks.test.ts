import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dwaToLinear, inverseDct, inverseMean } from "./dwa-blocks.ts"
import { HALF_TO_FLOAT } from "./half.ts"

const scale = (frequency: number): number => (frequency === 0 ? Math.SQRT1_2 : 1) / 2
const wave = (frequency: number, at: number): number =>
  scale(frequency) * Math.cos(((2 * at + 1) * frequency * Math.PI) / 16)

/** The inverse cosine transform as it is defined. */
const defined = (block: Float32Array): number[] =>
  Array.from({ length: 64 }, (_, at) =>
    block.reduce(
      (sum, value, place) => sum + value * wave(place % 8, at % 8) * wave(Math.floor(place / 8), Math.floor(at / 8)),
      0,
    ),
  )

describe("the inverse cosine transform of a block", () => {
  it("is what it is defined to be, whichever of its rows are filled", () => {
    const rows = fc.integer({ min: 1, max: 8 })
    const values = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 64, maxLength: 64 })
    fc.assert(
      fc.property(values, rows, (numbers, filledRows) => {
        const block = Float32Array.from(numbers, (value, at) => (at < filledRows * 8 ? value : 0))
        const expected = defined(block)
        inverseDct(block, filledRows)
        block.forEach((value, at) => {
          expect(value).toBeCloseTo(expected[at] ?? Number.NaN, 4)
        })
      }),
    )
  })

  it("of a mean alone is an eighth of it", () => {
    expect(inverseMean(8)).toBeCloseTo(1, 5)
    expect(inverseMean(-0.5)).toBeCloseTo(-0.0625, 5)
  })
})

describe("light by DWA's curve", () => {
  const light = (bits: number): number => HALF_TO_FLOAT[dwaToLinear()[bits] ?? 0] ?? 0

  it("is the power of 2.2 up to 1 and grows as e to the 2.2 above, on both sides of 0", () => {
    expect([light(0), light(0x3c00), light(0xbc00)]).toEqual([0, 1, -1])
    expect(light(0x3800)).toBeCloseTo(0.5 ** 2.2, 3)
    expect(light(0x4000) / Math.exp(2.2)).toBeCloseTo(1, 3)
    expect(light(0xc000) / -Math.exp(2.2)).toBeCloseTo(1, 3)
  })

  it("never falls, and what is no number is 0", () => {
    for (let bits = 1; bits < 0x7c00; bits++) expect(light(bits) >= light(bits - 1)).toBe(true)
    expect([0x7c00, 0x7e00, 0xfc00, 0xffff].map(light)).toEqual([0, 0, 0, 0])
  })
})
