import { describe, expect, it } from "vitest"
import { falseColour } from "./false-colour.ts"

describe("colours of ids", () => {
  it("differ where one bit does, are never dark, and never change", () => {
    const some = Array.from({ length: 4000 }, (_, id) => falseColour(id + 1).map((value) => Math.round(value * 255)))
    expect(new Set(some.map(String)).size).toBeGreaterThan(3900)
    expect(Math.min(...some.map((colour) => Math.max(...colour)))).toBeGreaterThan(160)
    expect(some.slice(0, 2)).toEqual([
      [75, 244, 57],
      [158, 174, 65],
    ])
    expect(falseColour(0)).toEqual([0, 0, 0])
  })
})
