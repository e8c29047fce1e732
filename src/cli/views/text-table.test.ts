import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { recorded } from "../testing/console.ts"
import { type Column, shortened, tableText, tableWidth, widthOf, wrapped } from "./text-table.ts"

type Row = { readonly key: string; readonly size: string; readonly says: string }

const COLUMNS: readonly Column<Row>[] = [
  { title: "key", of: ({ key }) => key },
  { title: "size", of: ({ size }) => size, alignRight: true },
  { title: "says", of: ({ says }) => says, tooWide: "wrap" },
]

const row = (key: string, says = ""): Row => ({ key, size: "1234", says })
const linesOf = (rows: readonly Row[], width: number | null): readonly string[] =>
  tableText(rows, COLUMNS, width).trimEnd().split("\n")

const LONG = "show/sequences/sh010/comp/beauty_graded_v012.1001.exr"

describe("a table", () => {
  it("is whole in a pipe, and fits a terminal", () => {
    expect(tableWidth({ stdout: recorded() })).toBeNull()
    expect(tableWidth({ stdout: recorded({ columns: 60 }) })).toBe(60)
    expect(linesOf([row(LONG)], null)[1]).toContain(LONG)
  })

  it("shortens names in their middle, both ends of which tell more", () => {
    const [, line = ""] = linesOf([row(LONG)], 40)
    expect(line).toBe("show/sequence…_v012.1001.exr  1234")
    expect(widthOf(line)).toBeLessThanOrEqual(40)
  })

  it("shortens no number, and goes on with sentences in the next line, below themselves", () => {
    const says = "The header says 4096 scan lines, the file ends after 812 of them."
    expect(linesOf([row("a.exr", says)], 44)).toEqual([
      "key    size  says",
      "a.exr  1234  The header says 4096 scan",
      "             lines, the file ends after 812",
      "             of them.",
    ])
  })

  it("lines up names of every script by the columns that they take", () => {
    const keys = ["東京/カット.0001.exr", "עברית.0001.exr", "e\u0301te\u0301.exr", "🎬.exr", "plain.exr"]
    for (const width of [null, 24]) {
      const ends = linesOf(
        keys.map((key) => row(key)),
        width,
      )
        .slice(1)
        .map((line) => widthOf(line))
      expect([width, new Set(ends).size]).toEqual([width, 1])
    }
  })

  it("never exceeds a terminal of 60 columns, whatever is in it", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 200 })
    const rows = fc.array(fc.record({ key: text, says: text }), { minLength: 1, maxLength: 4 })
    const isFitting = (given: readonly Pick<Row, "key" | "says">[]): void => {
      for (const line of linesOf(
        given.map(({ key, says }) => row(key, says)),
        60,
      ))
        expect(widthOf(line)).toBeLessThanOrEqual(60)
    }
    fc.assert(fc.property(rows, isFitting))
  })
})

describe("a name that is too wide", () => {
  it("is cut between characters, never within one", () => {
    expect(shortened("東京東京東京東京", 9)).toBe("東京…東京")
    expect(shortened("東京東京東京東京", 8)).toBe("東…東京")
    expect(shortened("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5)).toBe("👩‍👩‍👧…👩‍👩‍👧")
  })
})

it("a word that is wider than its line is cut", () => {
  expect(wrapped("see /mnt/a/very/long/path of it", 10)).toEqual(["see", "/mnt/a/ver", "y/long/pat", "h of it"])
})
