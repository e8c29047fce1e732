import { describe, expect, it } from "vitest"
import { HALF_TO_FLOAT } from "./half.ts"

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
})
