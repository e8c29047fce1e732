import { createHash } from "node:crypto"
import { deflateRawSync } from "node:zlib"
import { expect, it } from "vitest"
import { packed, packedIn, unpacked } from "./packed-details.ts"

/** Hex digits that no compression foresees. */
const noise = (characters: number): string =>
  Array.from({ length: Math.ceil(characters / 64) }, (_, at) => createHash("sha256").update(String(at)).digest("hex"))
    .join("")
    .slice(0, characters)

const USUAL =
  '"colorspace":{"name":"lin_rec709","configSpace":"lin_rec709","encoding":"scene-linear","matrix":[],"rule":"default"},"thumbnail":{"key":".proxies/_thumb.jpg","bucket":null,"contentType":"image/jpeg"'

const read = (entry: Readonly<Record<string, string>>): string | null => {
  const found = packedIn({ "render-key": "x", ...entry })
  return found === null ? null : unpacked(found)
}

it("what fits is written as every version reads it", () => {
  const json = JSON.stringify({ usual: USUAL })
  expect(packed(json)).toEqual({ made: deflateRawSync(json, { level: 9 }).toString("base64") })
  expect(read(packed(json))).toBe(json)
})

it("what is too long for that is written with the words that details mostly say", () => {
  const json = JSON.stringify({ noise: noise(1760), usual: USUAL })
  expect(Object.keys(packed(json))).toEqual(["made-1"])
  expect(read(packed(json))).toBe(json)
})

it("what is too long for both is not written", () => {
  expect(packed(JSON.stringify(noise(4000)))).toEqual({})
  expect(read({})).toBeNull()
})

it("the words are those that outputs in the world were written with", () => {
  // All of them, by references alone. Never to be changed: outputs that were written with others would be read no more.
  const words = unpacked({ "made-1": "7daBAAAAAMMgl/tDDuRF0RRYgRVYgRVYgRVYgRVYgb8KHA==" })
  expect(createHash("sha256").update(words).digest("hex")).toBe(
    "2baf703bcb3de3ae678b5b0085360e863b368066348fcdf74cd1711cfa1ccf6c",
  )
})

it("an entry of somebody else does not inflate", () => {
  expect(() => unpacked({ "made-1": "AAAA" })).toThrow()
})
