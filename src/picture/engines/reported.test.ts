import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { DISPLAY_CODES, PATTERN_CODES, shownPattern, worst } from "../testing/pattern.ts"
import { eachEngine } from "./testing/each-engine.ts"
import type { Studio } from "./testing/studio.ts"

const REPORTED = fileURLToPath(new URL("../testing/reported/", import.meta.url))

let studio: Studio
const describeEach = eachEngine((opened) => {
  studio = opened
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
    const { codes } = await shownPattern(studio, REPORTED + file)
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })
})
