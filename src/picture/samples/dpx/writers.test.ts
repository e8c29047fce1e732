import { describe, expect, it } from "vitest"
import type { MadeField } from "../../read/header/testing/dpx-file.ts"
import { failureOf } from "../../testing/readings.ts"
import {
  ALL_GREY,
  ALL_RGB,
  allCodes,
  codesOfRow,
  expectCodes,
  filled,
  GREY,
  HEIGHT,
  made,
  RGBA,
  rows,
  shown,
  tight,
  unset,
} from "./testing/written-codes.ts"

describe("rows of 10 bits that run on without padding", () => {
  const runOn = filled(allCodes(1, 10), true)

  it("are told by the size of the file", () => {
    const found = shown(made(runOn, [GREY]))
    expectCodes(found, ALL_GREY)
    expect(found).toMatchObject({ reason: expect.stringContaining("run on without padding"), warnings: [] })
  })

  it("are told by the size that the header states, where more bytes follow", () => {
    const stated: MadeField = [16, "u32", 2048 + runOn.length]
    expectCodes(shown(made([...runOn, ...new Array(300).fill(170)], [GREY, stated])), ALL_GREY)
  })

  it.each<readonly [string, MadeField]>([
    ["Lasergraphics", [160, "text", "Lasergraphics Inc.\0"]],
    ["DIAMANT", [160, "text", "DIAMANT-Film\0"]],
    ["Scanity", [1556, "text", "Scanity\0"]],
  ])("are told by the name of their writer %s, whatever follows", (_, writer) => {
    const found = shown(made([...runOn, ...new Array(300).fill(170)], [GREY, writer]))
    expectCodes(found, ALL_GREY)
    expect(found.warnings).toEqual([])
  })

  it("are told of four channels, and packed without gaps", () => {
    expectCodes(shown(made(filled(allCodes(4, 10), false), [RGBA])), ALL_RGB)
    expectCodes(shown(made(tight(allCodes(1, 10), 10), [GREY, [804, "u16", 0]])), ALL_GREY)
  })

  it("are not believed of a file that ends each row on a word, with bytes behind it, and a warning says so", () => {
    const padded = rows((codes) => filled(codes, true), 1)
    const found = shown(made([...padded, ...new Array(300).fill(170)], [GREY]))
    expectCodes(found, ALL_GREY)
    expect(found.warnings.join()).toContain("size does not tell")
  })
})

describe("a DPX that is placed by what adds up", () => {
  const rgb = rows((codes) => filled(codes, false), 3)

  it.each<readonly [string, readonly MadeField[]]>([
    ["an element offset of 0", [[808, "u32", 0]]],
    ["an unset element offset", [unset(808, "u32")]],
    ["an element offset beyond the end", [[808, "u32", 1_000_000]]],
    ["an element offset that is wrong beside a right one of the file", [[808, "u32", 2048 + 256]]],
    ["a file offset that is wrong beside a right one of the element", [[4, "u32", 8192]]],
    ["an unset sign", [unset(780, "u32")]],
    ["an unset packing", [unset(804, "u16")]],
    ["a padding that is stated and not there", [[812, "u32", 12]]],
  ])("is shown in spite of %s", (_, fields) => {
    const found = shown(made(rgb, fields))
    expectCodes(found, ALL_RGB)
    expect(found.warnings).toEqual([])
  })

  it("of an unset packing is packed without gaps, where that adds up", () => {
    expectCodes(
      shown(
        made(
          rows((codes) => tight(codes, 10), 4),
          [RGBA, unset(804, "u16")],
        ),
      ),
      ALL_RGB,
    )
  })

  it.each([4, 16, 32])("has rows on boundaries of %d bytes that no field states", (boundary) => {
    const padded = Array.from({ length: HEIGHT }, (_, y) => {
      const row = codesOfRow(y, 3, 8)
      return [...row, ...new Array(Math.ceil(row.length / boundary) * boundary - row.length).fill(170)]
    }).flat()
    const found = shown(made(padded, [[803, "u8", 8]]))
    expectCodes(found, ALL_RGB, 8)
    expect(found.reason).toContain("as the size of the file tells")
  })

  it("is damaged where nothing fits", () => {
    expect(failureOf(made(rgb.slice(0, -90)), "a.dpx")).toMatchObject({ code: "picture/damaged" })
  })
})
