import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Curve, decoder, encoder, REC709_CAMERA, REC1886, SRGB } from "./curve.ts"
import { KNOWN_SPACES } from "./known-spaces.ts"
import { rowShower } from "./look.ts"
import { rowDecoder } from "./render.ts"
import { compressRow, expandRow } from "./second-resize.ts"

/** Half a step of 16 bits. */
const HALF_STEP = 0.5 / 65_535

const CURVES: readonly (readonly [string, Curve])[] = [
  ["sRGB", SRGB],
  ["Rec.709", REC709_CAMERA],
  ["BT.1886", REC1886],
]

describe("tables of curves", () => {
  it.each(CURVES)("%s is shown to well below a step of 16 bits", (_, curve) => {
    const show = rowShower({ kind: "curve", matrix: [], curve }, 1)
    const exact = encoder(curve)
    const light = fc.oneof(
      fc.float({ min: -2, max: 2, noNaN: true }),
      fc.float({ min: 0, max: Math.fround(1e-3), noNaN: true }),
    )
    fc.assert(
      fc.property(light, (value) => {
        const want = Math.min(1, Math.max(0, exact(Math.max(0, value))))
        expect(Math.abs((show(Float32Array.of(value, value, value))[1] ?? 9) - want)).toBeLessThan(HALF_STEP / 2)
      }),
      { numRuns: 2000 },
    )
  })

  it("what is too bright is white, what is negative black", () => {
    const show = rowShower({ kind: "curve", matrix: [], curve: SRGB }, 3)
    const row = Float32Array.of(-1, 1e30, Number.POSITIVE_INFINITY, 1, 0, -0, 65_504, 1.0001, -1e-30)
    expect([...show(row)]).toEqual([0, 1, 1, 1, 0, 0, 1, 1, 0])
  })

  it("the matrix sees negatives as they are", () => {
    const show = rowShower({ kind: "curve", matrix: [1, 1, 0, 0, 1, 0, 0, 0, 1], curve: SRGB }, 1)
    expect(show(Float32Array.of(-0.5, 1.5, 0))[0]).toBe(1)
    expect(show(Float32Array.of(0.5, -0.6, 0))[0]).toBe(0)
  })

  it("every 16-bit code value comes back once it is encoded again", () => {
    for (const [name, curve] of CURVES) {
      const codes = Float32Array.from({ length: 65_536 }, (_, code) => code / 65_535)
      const [light] = rowDecoder(curve, codes.length)([codes, codes, codes])
      const again = encoder(curve)
      const off = Array.from(light, (value, code) => Math.abs(again(value) - code / 65_535))
      expect(
        off.reduce((most, one) => Math.max(most, one), 0),
        name,
      ).toBeLessThan(HALF_STEP / 2)
    }
  })

  it("codes outside 0 to 1, infinities and NaN are linearised by the exact function", () => {
    for (const [name, { curve }] of KNOWN_SPACES) {
      if (curve === null) continue
      const codes = Float32Array.of(-0.25, 1.25, Number.NaN, Number.POSITIVE_INFINITY)
      const [red, green] = rowDecoder(curve, 4)([codes, codes.slice(), codes])
      expect([...red], name).toEqual([...Float32Array.from(codes, decoder(curve))])
      expect(green).not.toBe(red)
    }
  })

  it("grey is linearised once", () => {
    const codes = Float32Array.of(0, 0.5)
    const [red, green, blue] = rowDecoder(SRGB, 2)([codes, codes, codes])
    expect([green, blue]).toEqual([red, red])
    expect(green === red && blue === red).toBe(true)
  })

  it("highlights come back as they were", () => {
    fc.assert(
      fc.property(fc.float({ min: -60_000, max: 60_000, noNaN: true }), (light) => {
        const row = new Float32Array(3)
        compressRow(Float32Array.of(light, light, light), row)
        expect(Math.abs(row[0] ?? 9)).toBeLessThanOrEqual(Math.abs(light) * (1 + 1e-5))
        expandRow(row)
        expect(Math.abs((row[0] ?? 9) - light)).toBeLessThanOrEqual(1e-7 + Math.abs(light) * 3e-5)
      }),
      { numRuns: 1000 },
    )
  })
})
