import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { identifier, isName, jsonLiteral, jsonRow, varcharLiteral } from "./sql.ts"

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom("'", "''", "\\", "\0", "a'b\\c\nd", "'); DROP TABLE t; --", "🎬é", "\u007f\u0080\u2028"),
)

/** Reads what SQL's scanner would: the text of one literal that is nothing but one literal. */
function read(literal: string): string {
  const [, unicode = "", body = ""] = /^(U&)?'((?:[^']|'')*)'$/s.exec(literal) ?? []
  const text = body.replaceAll("''", "'")
  if (unicode === "") return text
  return text.replaceAll(/\\(\\|[0-9a-f]{4})/g, (_, code: string) =>
    code === "\\" ? "\\" : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

describe("a text in SQL", () => {
  it("is one literal that stands for just that text, whatever it holds", () => {
    fc.assert(fc.property(texts, (text) => void expect(read(varcharLiteral(text))).toBe(text)))
  })

  it("shows no control character in the statement", () => {
    fc.assert(fc.property(texts, (text) => void expect(varcharLiteral(text)).toMatch(/^\P{Cc}*$/u)))
  })

  it("is refused where it is no text", () => {
    expect(() => varcharLiteral("a\ud800b")).toThrow(RangeError)
  })
})

describe("rows in SQL", () => {
  it("are one JSON literal that stands for just those rows", () => {
    const rows = fc.array(
      fc.tuple(texts, fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.option(texts)),
    )
    fc.assert(
      fc.property(rows, (given) => {
        const literal = jsonLiteral(given.map((row) => jsonRow(row, ["varchar", "bigint", "double", "varchar"])))
        const [, body = ""] = /^JSON '((?:[^']|'')*)'$/s.exec(literal) ?? []
        expect(JSON.parse(body.replaceAll("''", "'"))).toEqual(JSON.parse(JSON.stringify(given)))
      }),
    )
  })

  it.each([
    [0.5, "bigint"],
    [2 ** 53, "bigint"],
    ["1", "bigint"],
    [Number.NaN, "double"],
    [Number.POSITIVE_INFINITY, "double"],
    ["a\ud800", "varchar"],
    [1, "varchar"],
    [undefined, "varchar"],
    [{}, "varchar"],
  ] as const)("never take %j for a %s", (value, type) => {
    expect(() => jsonRow([value], [type])).toThrow(RangeError)
  })
})

describe("a name in SQL", () => {
  it("is quoted, and of letters that need no thought", () => {
    expect(identifier("bucket-1/show.a/exr_metadata")).toBe('"bucket-1/show.a/exr_metadata"')
    for (const name of ["", "/", "a/", "/a", "a//b", 'a"b', "a b", "a;b", "a'b", "-a", "é", "a\n"]) {
      expect([name, isName(name)]).toEqual([name, false])
      expect(() => identifier(name)).toThrow(RangeError)
    }
  })
})
