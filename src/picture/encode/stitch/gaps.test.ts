import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { GapPolicy } from "../../../element/frame-ranges.ts"
import { shownFrames } from "./gaps.ts"
import { layoutOf } from "./layout.ts"

describe("gaps", () => {
  const found = Float64Array.of(1001, 1002, 1005, 1006)
  const range = { first: 1000, last: 1008 }
  it.each<[GapPolicy, readonly number[]]>([
    ["hold", [0, 0, 1, 1, 1, 2, 3, 3, 3]],
    ["black", [4, 0, 1, 4, 4, 2, 3, 4, 4]],
    ["skip", [0, 1, 2, 3]],
    ["error", []],
  ])("under %s show %j", (policy, pictures) =>
    expect(shownFrames(found, range, policy)).toEqual({
      pictures: Int32Array.from(pictures),
      missing: Float64Array.of(1000, 1003, 1004, 1007, 1008),
      outside: 0,
    }),
  )

  it("that are none leave every frame as it is, under every policy", () => {
    for (const policy of ["hold", "black", "skip", "error"] as const)
      expect(shownFrames(found, { first: 1005, last: 1006 }, policy)).toEqual({
        pictures: Int32Array.of(2, 3),
        missing: new Float64Array(),
        outside: 2,
      })
  })

  it.each([
    { first: 1, last: 10 },
    { first: 1003, last: 1004 },
    { first: 1006, last: 1001 },
    { first: 1, last: 2 ** 53 },
  ])("of %o are no movie", (nowhere) => expect(shownFrames(found, nowhere, "hold")).toBeNull())
})

describe("the layout", () => {
  it("stores each picture once per number, numbers frames by turns, and every frame shows its own", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 80 }), (frames) => {
        const sizes = [
          Uint32Array.from({ length: 10 }, (_, at) => at + 1),
          Uint32Array.from({ length: 10 }, (_, at) => at + 2),
        ]
        const [even = new Uint32Array(), odd = new Uint32Array()] = sizes
        const { samples, pictures, ids } = layoutOf(Int32Array.from(frames), [even, odd])
        const shown = Array.from(samples.shown, (stored) => [pictures[stored], ids[stored]])
        expect(shown).toEqual(frames.map((picture, frame) => [picture, frame % 2]))
        const stored = Array.from(pictures, (picture, at) => `${picture}/${ids[at]}`)
        expect(new Set(stored).size).toBe(stored.length)
        expect([...samples.storedBytes]).toEqual(Array.from(pictures, (picture, at) => picture + 1 + (ids[at] ?? 0)))
      }),
    )
  })
})
