import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dpxFile } from "../../read/header/testing/dpx-file.ts"
import { DISPLAY_CODES, shownPattern, worst } from "../../testing/pattern.ts"
import { decodeJpeg, type EngineFixture, openEngineFixture, pixel, type Triple } from "../testing/engine-fixture.ts"

const REPORTED = fileURLToPath(new URL("../../testing/reported/", import.meta.url))

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
})
afterAll(() => fixture.close())

const grey = (code: number): Triple => [code, code, code]

describe("a small DPX of a kind that was reported shows its pattern", () => {
  it.each<readonly [string, readonly Triple[]]>([
    ["d01_y10_unpadded.dpx", [230, 26, 76, 153].map(grey)],
    ["d03_elem_offset_0.dpx", DISPLAY_CODES],
  ])("%s", async (file, expected) => {
    const { codes } = await shownPattern(fixture, REPORTED + file)
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })
})

/** Lines of the file are three times as long as they are many; its first line is red, green and blue in thirds, the rest dim. */
const [LENGTH, LINES] = [48, 16]
const FIRST = [
  [230, 20, 20],
  [20, 230, 20],
  [20, 20, 230],
] as const
const pixels = Uint8Array.from({ length: LENGTH * LINES * 3 }, (_, n) => {
  const [line, at] = [Math.floor(n / (LENGTH * 3)), Math.floor(n / 3) % LENGTH]
  return line < LINES / 2 ? (FIRST[Math.floor((at * 3) / LENGTH)]?.[n % 3] ?? 0) : 120
})

/** Where the file's first line lies in the picture, and where on it red is (SMPTE 268M, table 2). */
const TURNS = [
  [0, "top", "left"],
  [1, "top", "right"],
  [2, "bottom", "left"],
  [3, "bottom", "right"],
  [4, "left", "top"],
  [5, "right", "top"],
  [6, "left", "bottom"],
  [7, "right", "bottom"],
] as const

describe("a DPX is turned as its orientation says", () => {
  it.each(TURNS)("%d: the first line lies at the %s, and begins at the %s", async (orientation, line, begin) => {
    const file = dpxFile({
      width: LENGTH,
      height: LINES,
      fields: [
        [803, "u8", 8],
        [768, "u16", orientation],
      ],
      pixels,
    })
    await writeFile(join(fixture.folder, "turned.dpx"), file)
    const { made } = await shownPattern(fixture, "turned.dpx")
    const { x, y, width, height } = made.files.thumbnail.picture
    const isSideways = orientation > 3
    expect(width > height).toBe(!isSideways)
    // Along the line at a sixth and five sixths of it, across it at a quarter.
    const along = begin === "left" || begin === "top" ? [1 / 6, 5 / 6] : [5 / 6, 1 / 6]
    const across = line === "top" || line === "left" ? 1 / 4 : 3 / 4
    const places = along.map((part): readonly [number, number] =>
      isSideways ? [x + across * width, y + part * height] : [x + part * width, y + across * height],
    )
    const thumbnail = await decodeJpeg(made.files.thumbnail.path)
    const shown = places.map(([column, row]) => pixel(thumbnail, Math.round(column), Math.round(row)))
    expect(worst(shown, [FIRST[0], FIRST[2]])).toBeLessThanOrEqual(12)
  })
})
