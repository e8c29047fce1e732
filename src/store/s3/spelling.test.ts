import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeKey, decodeMetadata, encodeMetadata, encodeTags } from "./spelling.ts"

describe("user metadata", () => {
  it("comes back as it was given, and travels as printable ASCII", () => {
    const values = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.constantFrom("", " ", " a", "a ", "=?UTF-8?B?w6Q=?=", "=?x?=", "a  b", "100%25", "línea\nnueva", "\0"),
    )
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encodeMetadata({ name: value })
        expect(encoded.name).toMatch(/^[!-~](?:[ -~]*[!-~])?$/)
        expect(decodeMetadata(encoded)).toEqual({ name: value })
      }),
    )
  })

  it("stays readable where it can", () => {
    expect(encodeMetadata({ "render-key": "00ff", note: "a=b; c%20d" })).toEqual({
      "render-key": "00ff",
      note: "a=b; c%20d",
    })
  })

  it("is read as AWS words it: quoted, and cut into several words", () => {
    expect(decodeMetadata({ Name: "=?UTF-8?Q?caf=C3=A9_noir?=" })).toEqual({ name: "café noir" })
    expect(decodeMetadata({ n: "=?UTF-8?B?w6Q=?= =?UTF-8?B?w7Y=?=" })).toEqual({ n: "äö" })
  })

  it("throws at a caller whose values are too long once encoded", () => {
    expect(() => encodeMetadata({ n: "é".repeat(1000) })).toThrow(RangeError)
  })
})

describe("tags and keys", () => {
  it("travel as a query string, whatever they hold", () => {
    expect(encodeTags({})).toBeUndefined()
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (tags) => {
        expect(Object.fromEntries(new URLSearchParams(encodeTags(tags)))).toEqual({ ...tags })
      }),
    )
  })

  it("are decoded from a listing only where the server encoded them", () => {
    expect(decodeKey("a+b%2Bc%20d%0D", "url")).toBe("a b+c d\r")
    expect(decodeKey("a+b%2Bc", undefined)).toBe("a+b%2Bc")
    expect(decodeKey("100%", "url")).toBe("100%")
  })
})
