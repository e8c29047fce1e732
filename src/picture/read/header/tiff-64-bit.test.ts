import { describe, expect, it } from "vitest"
import { firstBytes } from "./bytes.ts"
import type { PictureHeader } from "./model.ts"
import { readHeader } from "./read.ts"
import { type MadeTag, type MadeTiff, tiffFile } from "./testing/tiff-file.ts"

const pixels = new Uint8Array(64 * 48 * 3)
const RGB: readonly MadeTag[] = [
  [256, 4, [64]],
  [257, 4, [48]],
  [258, 3, [8, 8, 8]],
  [259, 3, [1]],
  [262, 3, [2]],
  [277, 3, [3]],
]
const withTags = (...more: readonly MadeTag[]): readonly MadeTag[] => [...RGB, ...more]

const outcomeOf = (bytes: Uint8Array) => readHeader(firstBytes(bytes, bytes.length), "a.tif")
const made = (tags: readonly MadeTag[], rest: Partial<MadeTiff> = {}) =>
  tiffFile({ directories: [{ tags, pixels }], ...rest })

function header(bytes: Uint8Array): PictureHeader {
  const outcome = outcomeOf(bytes)
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome))
  return outcome.value
}

describe("a BigTIFF", () => {
  it("holds 64-bit values that are its own affair: exact, as digits where no number is", () => {
    const [part] = header(
      made(
        withTags(
          [65001, 16, [2n ** 53n - 1n]],
          [65002, 16, [2n ** 53n]],
          [65003, 16, [2n ** 64n - 1n]],
          [65004, 17, [-(2n ** 63n)]],
          [65005, 16, [1n, 2n ** 63n]],
          [65006, 17, [-1n]],
        ),
        { bigTiff: true },
      ),
    ).parts
    const own = part?.attributes.filter(({ name }) => name.startsWith("tag65")).map(({ value }) => value)
    expect(own).toEqual([
      2 ** 53 - 1,
      "9007199254740992",
      "18446744073709551615",
      "-9223372036854775808",
      [1, "9223372036854775808"],
      -1,
    ])
  })

  it("whose pixels lie at a 64-bit offset beyond every file is damaged", () => {
    for (const offset of [2n ** 53n - 1n, 2n ** 63n, 2n ** 64n - 1n])
      expect(outcomeOf(made(withTags([273, 16, [offset]]), { bigTiff: true }))).toMatchObject({
        kind: "failed",
        failure: { code: "picture/damaged" },
      })
  })
})
