import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { floatToHalf, HALF_TO_FLOAT } from "./half.ts"

describe("a half", () => {
  it("is the number that JavaScript's own conversion gives, for all 65536 of them", () => {
    const view = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(offset: number): number }
    const expected = Float32Array.from({ length: 65_536 }, (_, bits) => {
      view.setUint16(0, bits)
      return view.getFloat16(0)
    })
    expect(HALF_TO_FLOAT.filter((value, bits) => !Object.is(value, expected[bits]))).toHaveLength(0)
    expect(HALF_TO_FLOAT).toHaveLength(65_536)
  })

  it("nearest to a float is the one that JavaScript's own conversion gives, of ties the even one", () => {
    type Halves = DataView & { setFloat16(offset: number, value: number): void }
    const view = new DataView(new ArrayBuffer(2)) as Halves
    const expectNearest = (value: number): void => {
      view.setFloat16(0, value)
      expect([value, floatToHalf(value)]).toEqual([value, view.getUint16(0)])
    }
    for (let bits = 0; bits < 0xfbff; bits += bits % 0x8000 < 0x900 ? 1 : 7) {
      const [below, above] = [HALF_TO_FLOAT[bits] ?? 0, HALF_TO_FLOAT[bits + 1] ?? 0]
      if (Number.isFinite(below)) expectNearest(below)
      if (Number.isFinite(below + above)) expectNearest((below + above) / 2)
    }
    const edges = [65_519, 65_520, 65_536, 2 ** -25, 2 ** -24, 2 ** -14, 1e-40, -0, Number.POSITIVE_INFINITY]
    for (const value of edges.flatMap((one) => [Math.fround(one), Math.fround(-one)])) expectNearest(value)
    fc.assert(fc.property(fc.float({ noNaN: true }), expectNearest))
    expect(HALF_TO_FLOAT[floatToHalf(Number.NaN)]).toBeNaN()
  })
})
