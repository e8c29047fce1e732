import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPattern, keyPattern, namePattern, patternProblem } from "./key-pattern.ts"

const KEYS = [
  "a.1001.exr",
  "a.101.exr",
  "a.10001.exr",
  "a.-005.exr",
  "sh010/a.1001.exr",
  "sh010/v001/b_0001.dpx",
  "sh020/tmp/a.1001.exr",
  "sh020/.wip/a.1001.exr",
]

const taken = (isTaken: (key: string) => boolean): readonly string[] => KEYS.filter(isTaken)

describe("a pattern of keys", () => {
  it.each([
    ["a.####.exr", ["a.1001.exr", "a.10001.exr"]],
    ["a.#.exr", ["a.1001.exr", "a.10001.exr"]],
    ["a.@@@.exr", ["a.1001.exr", "a.101.exr", "a.10001.exr", "a.-005.exr"]],
    ["a.%04d.exr", ["a.1001.exr", "a.10001.exr"]],
    ["a.$F3.exr", ["a.1001.exr", "a.101.exr", "a.10001.exr", "a.-005.exr"]],
    ["a.%d.exr", ["a.1001.exr", "a.101.exr", "a.10001.exr"]],
    ["*.exr", ["a.1001.exr", "a.101.exr", "a.10001.exr", "a.-005.exr"]],
    [
      "**/*.####.exr",
      ["a.1001.exr", "a.10001.exr", "sh010/a.1001.exr", "sh020/tmp/a.1001.exr", "sh020/.wip/a.1001.exr"],
    ],
    ["sh0*", ["sh010/a.1001.exr", "sh010/v001/b_0001.dpx", "sh020/tmp/a.1001.exr", "sh020/.wip/a.1001.exr"]],
    ["./sh010/", ["sh010/a.1001.exr", "sh010/v001/b_0001.dpx"]],
    ["sh010/**/*_%04d.dpx", ["sh010/v001/b_0001.dpx"]],
    ["sh0{1,2}0/a.[0-9]*.exr", ["sh010/a.1001.exr"]],
    ["A.1001.exr", []],
  ])("%s takes in %j", (pattern, keys) => {
    expect(taken(keyPattern(pattern))).toEqual(keys)
  })
})

describe("a pattern of names", () => {
  it.each([
    ["tmp", ["sh020/tmp/a.1001.exr"]],
    ["tmp/", ["sh020/tmp/a.1001.exr"]],
    ["*.dpx", ["sh010/v001/b_0001.dpx"]],
    ["*.dpx/", []],
    ["b_####.dpx", ["sh010/v001/b_0001.dpx"]],
    ["v[0-9]*", ["sh010/v001/b_0001.dpx"]],
    ["/sh010/a.*", ["sh010/a.1001.exr"]],
  ])("%s takes in %j, at any depth unless it has a slash", (pattern, keys) => {
    expect(taken(namePattern(pattern))).toEqual(keys)
  })
})

describe("what is no pattern", () => {
  it("is a name without anything that a glob or a number is written with", () => {
    expect(["a.1001.exr", "shots/été (2).exr", "-x.exr", "a#b/c.exr"].filter(isPattern)).toEqual([])
    expect(["a.#.exr", "*", "a?.exr", "[ab].exr", "{a,b}.exr", "a.!(x).exr"].every(isPattern)).toBe(true)
  })

  it("is said, with what to write instead", () => {
    expect(patternProblem("a.{1001..1100}.exr")).toContain("--frames 1001-1100")
    expect(patternProblem("####.####.exr")).toContain("two tokens")
    expect(patternProblem("x".repeat(5000))).toContain("more than 4096 letters")
    expect(patternProblem("a.####.exr")).toBeNull()
  })
})

it("the number of a frame does not stand among the letters of brackets", () => {
  expect(patternProblem("a[#].exr")).toBe("the number of a frame cannot stand in brackets")
  expect(patternProblem("sh[#]0/")).toBe("the number of a frame cannot stand in brackets")
  expect(patternProblem("[ab].####.exr")).toBeNull()
})

it.each(["", "/", "//", "./", ".//"])("%j is no pattern", (text) => {
  expect(patternProblem(text)).toBe("it is empty")
})

it("any text makes a pattern that looks at any key and throws nothing", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab./*?[]{}()!+@#%$\\|,d4-^"), maxLength: 12 })
  const isHarmless = (pattern: string, key: string): void => {
    if (patternProblem(pattern) !== null) return
    expect([keyPattern(pattern)(key), namePattern(pattern)(key)].every((one) => typeof one === "boolean")).toBe(true)
  }
  fc.assert(fc.property(text, text, isHarmless))
})
