import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { DISPLAY_CODES, PATTERN_CODES, shownPattern, worst } from "../testing/pattern.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"

const REPORTED = fileURLToPath(new URL("../testing/reported/", import.meta.url))

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

describeEach("a small file of a kind that was reported shows its pattern", () => {
  it.each([
    ["x_mip.exr", PATTERN_CODES],
    ["t01b_reduced_second.tif", DISPLAY_CODES],
    ["t07_tag_beyond.tif", DISPLAY_CODES],
    ["long8_2p53m1.tif", DISPLAY_CODES],
    ["e14_renderman_ci.exr", PATTERN_CODES],
    ["e42_part_name_data_word.exr", PATTERN_CODES],
  ])("%s", async (file, expected) => {
    const { codes } = await shownPattern(fixture, REPORTED + file)
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })
})
