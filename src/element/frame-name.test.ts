import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { frameNameOf, framePattern } from "./frame-name.ts"
import { FILESEQ_NAMES } from "./testing/fileseq-answers.ts"

const parts = (key: string, rule?: Parameters<typeof frameNameOf>[1]) => {
  const name = frameNameOf(key, rule)
  return name === null ? null : [name.head, name.frame, name.tail]
}

/** Where we take another view than fileseq, which takes any number that stands last. */
const DIFFERENT: Readonly<Record<string, readonly [string, number, string] | null>> = {
  // A version is no frame.
  "a_v002.exr": null,
  "v002.exr": null,
  "a_1001_v002.exr": null,
  "a.1001.v002.exr": ["a.", 1001, ".v002.exr"],
  "beauty.1001_v002.exr": ["beauty.", 1001, "_v002.exr"],
  // A minus behind a word is a separator.
  "a-5.exr": ["a-", 5, ".exr"],
  "a-1001.exr": ["a-", 1001, ".exr"],
  "2024-01-31.exr": ["2024-01-", 31, ".exr"],
  // No record carries it.
  "a.9007199254740991.exr": null,
  // A tile of a texture is no frame.
  "wood_udim.1001.exr": null,
  // Before words, a number stands between dots; at the end of a name it needs no separator.
  "seq010.comp.exr": null,
  "a.x1.exr": ["a.x", 1, ".exr"],
  "a.1001": ["a.", 1001, ""],
}

describe("the frame that a name tells", () => {
  it.each(FILESEQ_NAMES.filter(([name]) => !(name in DIFFERENT)))("of %s is fileseq's", (name, head, frame, tail) =>
    expect(parts(name)).toEqual(frame === null ? null : [head, Number(frame), tail]),
  )

  it.each(Object.entries(DIFFERENT))("of %s is not fileseq's, but %j", (name, ours) => {
    const [, head, frame, tail] = FILESEQ_NAMES.find(([known]) => known === name) ?? []
    expect(parts(name)).toEqual(ours)
    expect(frame === null ? null : [head, Number(frame), tail]).not.toEqual(ours)
  })

  it("comes with folder, version and width", () => {
    expect(frameNameOf("show/sh010/v007/beauty.01001.exr")).toEqual({
      folder: "show/sh010/v007/",
      head: "beauty.",
      frame: 1001,
      tail: ".exr",
      padding: 5,
      version: "007",
    })
    expect(parts("beauty.1001_v1.exr")).toEqual(["beauty.", 1001, "_v1.exr"])
    expect(frameNameOf("v1/beauty_v012.1.exr")).toMatchObject({ version: "012", padding: 1 })
    expect(frameNameOf("beauty_-0012.exr")).toMatchObject({ head: "beauty_", frame: -12, padding: 4, version: null })
  })

  it("belongs to one sequence though the width grows, and to another where letters differ in case", () => {
    expect(parts("a.9999.exr")).toEqual(["a.", 9999, ".exr"])
    expect(parts("a.10000.exr")).toEqual(["a.", 10000, ".exr"])
    expect(parts("a.010000.exr")).toEqual(["a.", 10000, ".exr"])
    expect(parts("A.9999.exr")).toEqual(["A.", 9999, ".exr"])
  })

  it("is none beyond the numbers that records hold", () => {
    expect(parts("a.9007199254740990.exr")).toEqual(["a.", 2 ** 53 - 2, ".exr"])
    expect(parts("a.-4503599627370496.exr")).toEqual(["a.", -(2 ** 52), ".exr"])
    for (const beyond of ["9007199254740991", "-4503599627370497", "9007199254740993", "1".repeat(400)])
      expect(parts(`a.${beyond}.exr`)).toBeNull()
    expect(parts("a.-0.exr")).toEqual(["a.", 0, ".exr"])
  })

  it.each([
    ["textures/wood.1001.exr", true],
    ["show/tex/wood_1042.tif", true],
    ["show/wood.UDIM.1999.exr", true],
    ["show/wood.1001.exr", false],
    ["textures/wood.2000.exr", false],
    ["textures/wood.01001.exr", false],
    ["context/wood.1001.exr", false],
    ["show/nudim.1001.exr", false],
  ])("of %s is none, since it is a tile: %s", (key, isTile) => expect(frameNameOf(key) === null).toBe(isTile))
})

describe("a rule", () => {
  it("says that no key is a frame, or that each last number is one", () => {
    expect(parts("a.1001.exr", "never")).toBeNull()
    expect(parts("a_v002.exr", "always")).toEqual(["a_v", 2, ".exr"])
    expect(parts("textures/wood.1001.exr", "always")).toEqual(["wood.", 1001, ".exr"])
    expect(parts("sh010_comp.exr", "always")).toEqual(["sh", 10, "_comp.exr"])
    expect(parts("comp.exr", "always")).toBeNull()
  })

  it.each<[pattern: string, name: string, read: readonly [string, number, string] | null]>([
    ["*.####.exr", "a.b.1001.exr", ["a.b.", 1001, ".exr"]],
    ["*.####.exr", "a.12345.exr", ["a.", 12345, ".exr"]],
    ["*.####.exr", "a.01234.exr", null],
    ["*.####.exr", "a.101.exr", null],
    ["*.####.exr", "a.1001.dpx", null],
    ["*_@@@_*.exr", "sh_001_comp.exr", ["sh_", 1, "_comp.exr"]],
    ["take%02d.exr", "take-07.exr", ["take", -7, ".exr"]],
    ["take%d.exr", "take7.exr", ["take", 7, ".exr"]],
    ["take@.exr", "take12.exr", ["take", 12, ".exr"]],
    ["take$F4.exr", "take0007.exr", ["take", 7, ".exr"]],
    ["take(1).#.exr", "take(1).0007.exr", ["take(1).", 7, ".exr"]],
    ["a.#.exr", "axyz.0007.exr", null],
  ])("with the pattern %s reads %s as %j", (pattern, name, read) => {
    const rule = framePattern(pattern)
    expect(rule).not.toBeNull()
    expect(rule === null ? null : parts(`show/${name}`, rule)).toEqual(read)
  })

  it.each(["a.exr", "#.@.exr", "****#*.exr"])("has one number and few stars: %s is none", (pattern) =>
    expect(framePattern(pattern)).toBeNull(),
  )
})

describe("any name", () => {
  const letters = fc.constantFrom(..."a1.-_v0 é", "\n", "udim", "v2", ".1001.", "_v1.a")
  const keys = fc.array(letters, { maxLength: 40 }).map((pieces) => `show/${pieces.join("")}.exr`)

  it("is put together again from what was read of it", () => {
    fc.assert(
      fc.property(keys, fc.constantFrom("usual" as const, "always" as const), (key, rule) => {
        const name = frameNameOf(key, rule)
        if (name === null) return
        const written = key.slice(name.folder.length + name.head.length, key.length - name.tail.length)
        expect(key).toBe(`${name.folder}${name.head}${written}${name.tail}`)
        expect(written).toMatch(/^-?\d+$/)
        expect(Number(written)).toBeCloseTo(name.frame, 10)
        expect(name.padding).toBe(written.replace("-", "").length)
      }),
    )
  })

  it("is one of a sequence with every other number in its place", () => {
    fc.assert(
      fc.property(keys, fc.nat(10 ** 6), (key, other) => {
        const name = frameNameOf(key)
        if (name === null) return
        const sibling = frameNameOf(`${name.folder}${name.head}${other + 2000}${name.tail}`)
        expect(sibling).toMatchObject({ folder: name.folder, head: name.head, frame: other + 2000, tail: name.tail })
      }),
    )
  })

  it("of a thousand letters is read at once, however it repeats itself", () => {
    const pieces = ["1", ".a_v1", "_v1", "v", ".1", "-", "a1.", "1001.a", "udim", "/v1"]
    for (const piece of pieces) {
      const key = `${piece.repeat(1000 / piece.length)}!.exr`
      expect(frameNameOf(key)).toSatisfy((name) => name === null || key.includes(name.head))
    }
  })
})
