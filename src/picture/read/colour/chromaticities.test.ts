import { describe, expect, it } from "vitest"
import { chromaticitiesOf, meaningOf } from "./chromaticities.ts"
import { apply, type Matrix } from "./matrix.ts"

const meaning = (...numbers: readonly number[]) => {
  const found = chromaticitiesOf(numbers)
  if (found === null) throw new Error("not eight numbers")
  return meaningOf(found)
}

function matrixOf(...numbers: readonly number[]): Matrix {
  const found = meaning(...numbers)
  if (found.is !== "matrix") throw new Error(JSON.stringify(found))
  return found.matrix
}

const XYZ_CONTAINER = [1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3]
const ALEXA_WIDE_GAMUT = [0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329]
const ACES_PRIMARIES_WHITE_D50 = [0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.3457, 0.3585]

describe("chromaticities", () => {
  it.each([
    ["lin_rec709", [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329]],
    ["ACES2065-1", [0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767]],
    ["ACEScg", [0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767]],
    ["lin_p3d65", [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329]],
    ["lin_rec2020", [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329]],
    ["lin_rec709", [0.6405, 0.3295, 0.3001, 0.6, 0.1495, 0.0605, 0.3127, 0.3285]],
  ])("of %s are that space, also a thousandth away", (configSpace, numbers) => {
    expect(meaning(...numbers)).toEqual({ is: "space", configSpace })
  })

  it("of the XYZ container give the worked matrix, unadapted", () => {
    const worked = [
      3.2409699419, -1.5373831776, -0.4986107603, -0.9692436363, 1.8759675015, 0.0415550574, 0.0556300797,
      -0.2039769589, 1.0569715142,
    ]
    expect(meaning(...XYZ_CONTAINER)).toMatchObject({ is: "matrix", name: "lin_xyz_e" })
    matrixOf(...XYZ_CONTAINER).forEach((value, index) => {
      expect(value).toBeCloseTo(worked[index] ?? Number.NaN, 8)
    })
  })

  it.each([
    ["D65", ALEXA_WIDE_GAMUT],
    ["D50, adapted with Bradford", ACES_PRIMARIES_WHITE_D50],
  ])("of a foreign space with white %s leave white white", (_, numbers) => {
    const white = apply(matrixOf(...numbers), [1, 1, 1])
    for (const value of white) expect(value).toBeCloseTo(1, 9)
  })

  it("of ALEXA Wide Gamut give the matrix that ARRI publishes", () => {
    const published = [1.617523, -0.537287, -0.080237, -0.070573, 1.334613, -0.26404, -0.021102, -0.226954, 1.248056]
    matrixOf(...ALEXA_WIDE_GAMUT).forEach((value, index) => {
      expect(value).toBeCloseTo(published[index] ?? Number.NaN, 4)
    })
  })

  it.each([
    ["on a line", [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.3127, 0.329]],
    ["all zero", [0, 0, 0, 0, 0, 0, 0, 0]],
    ["not numbers", new Array(8).fill(Number.NaN)],
    ["infinite", new Array(8).fill(Number.POSITIVE_INFINITY)],
    ["with a white outside their triangle", [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.05, 0.9]],
    ["with a white of no luminance", [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0]],
  ])("%s mean nothing", (_, numbers) => {
    expect(meaning(...numbers).is).toBe("invalid")
  })
})
