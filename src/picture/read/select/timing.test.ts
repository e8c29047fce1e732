import { describe, expect, it } from "vitest"
import { readingOf } from "../../testing/readings.ts"
import { dpxFile, type MadeField } from "../header/testing/dpx-file.ts"
import { exrFile, floats, ints, type MadeAttribute } from "../header/testing/exr-file.ts"
import { believedRate, smpteTimecode, timecodeExists, timecodeText } from "./timing.ts"

describe("a frame rate", () => {
  it.each([
    [24, 24, 1],
    [23.976, 24000, 1001],
    [23.98, 24000, 1001],
    [29.97, 30000, 1001],
    [59.94, 60000, 1001],
    [47.952, 48000, 1001],
    [119.88, 120000, 1001],
    [24.9999, 25, 1],
    [12.5, 25, 2],
    [1, 1, 1],
    [240, 240, 1],
  ])("of %d is the exact %d/%d", (stated, num, den) => {
    expect(believedRate(stated)).toEqual({ num, den })
  })

  it.each([0, 0.5, -24, 241, 1e38, 1e-41, Number.NaN, Number.POSITIVE_INFINITY])("of %d is not believed", (stated) => {
    expect(believedRate(stated)).toBeNull()
  })
})

const exr = (...attributes: readonly MadeAttribute[]) =>
  readingOf(exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }), "a.exr")

describe("the timing of an EXR", () => {
  const rate = (num: number, den: number): MadeAttribute => ["framesPerSecond", "rational", ints(num, den)]
  const timeCode = (word: number): MadeAttribute => ["timeCode", "timecode", ints(word, 0)]

  it("is its framesPerSecond and its timeCode", () => {
    expect(exr(rate(24000, 1001), timeCode(0x01000603)).selection).toMatchObject({
      frameRate: { num: 24000, den: 1001 },
      timecode: "01:00:06:03",
    })
  })

  it.each([
    [2997, 125, { num: 24000, den: 1001 }],
    [50, 2, { num: 25, den: 1 }],
    [2_147_483_647, 87_000_001, { num: 6171, den: 250 }],
    [24, 0, null],
    [-24, 1, null],
  ])("snaps %d/%d", (num, den, expected) => {
    expect(exr(rate(num, den)).selection.frameRate).toEqual(expected)
  })

  it("may state its rate as a float", () => {
    expect(exr(["framesPerSecond", "float", floats(23.976)]).selection.frameRate).toEqual({ num: 24000, den: 1001 })
  })

  it("has no timecode where the stated one does not exist, and says so", () => {
    const { selection, warnings } = exr(rate(24, 1), timeCode(0x25616110))
    expect(selection.timecode).toBeNull()
    expect(warnings.join()).toContain("does not exist at 24/1")
  })
})

describe("a timecode", () => {
  const exists = (word: number, [num, den]: readonly [number, number]): boolean => {
    const timecode = smpteTimecode(word)
    return timecode !== null && timecodeExists(timecode, { num, den })
  }

  it.each<readonly [string, number, readonly [number, number], boolean]>([
    ["of frame 23 exists at 24", 0x00000023, [24, 1], true],
    ["of frame 24 does not exist at 24", 0x00000024, [24, 1], false],
    ["of frame 24 exists at 25", 0x00000024, [25, 1], true],
    ["of frame 23 exists at 24000/1001", 0x00000023, [24000, 1001], true],
    ["of minute 60 does not exist", 0x00600000, [24, 1], false],
    ["of hour 24 does not exist", 0x24000000, [24, 1], false],
    ["with a digit of A does not exist", 0x0000000a, [24, 1], false],
    ["in drop-frame exists at 30000/1001", 0x01000042, [30000, 1001], true],
    ["in drop-frame does not exist at 24", 0x01000042, [24, 1], false],
    ["in drop-frame does not exist at 30", 0x01000042, [30, 1], false],
    ["in drop-frame lacks frame 1 of a minute", 0x01010041, [30000, 1001], false],
    ["in drop-frame has frame 2 of a minute", 0x01010042, [30000, 1001], true],
    ["in drop-frame has frame 0 of a tenth minute", 0x01100040, [30000, 1001], true],
    ["in drop-frame lacks frame 3 of a minute at 60000/1001", 0x01010043, [60000, 1001], false],
  ])("%s", (_, word, rate, expected) => {
    expect(exists(word, rate)).toBe(expected)
  })

  it("is written with a semicolon in drop-frame, its flag bits set aside", () => {
    const timecode = smpteTimecode(0x81820342 | 0)
    expect(timecode && timecodeText(timecode)).toBe("01:02:03;02")
  })
})

describe("the timing of a DPX", () => {
  const dpx = (fields: readonly MadeField[], headerBytes = 2048) =>
    readingOf(dpxFile({ width: 64, height: 48, headerBytes, fields }), "a.dpx").selection

  it("is that of the film header, else of the television header", () => {
    expect(
      dpx([
        [1724, "f32", 23.976],
        [1940, "f32", 30],
      ]).frameRate,
    ).toEqual({ num: 24000, den: 1001 })
    expect(
      dpx([
        [1724, "f32", 1e-41],
        [1940, "f32", 25],
      ]).frameRate,
    ).toEqual({ num: 25, den: 1 })
  })

  it("is none where every field is unset", () => {
    expect(dpx([])).toMatchObject({ frameRate: null, timecode: null })
  })

  it("takes a timecode of zero only with a rate", () => {
    expect(dpx([[1920, "u32", 0]]).timecode).toBeNull()
    expect(
      dpx([
        [1920, "u32", 0],
        [1940, "f32", 24],
      ]).timecode,
    ).toBe("00:00:00:00")
  })

  it("is none where pixels stand in its fields' place", () => {
    const bytes = dpxFile({
      width: 64,
      height: 48,
      headerBytes: 1664,
      fields: [
        [1724, "f32", 24],
        [1920, "u32", 0x01000603],
      ],
    })
    expect(readingOf(bytes, "a.dpx").selection).toMatchObject({ frameRate: null, timecode: null })
  })
})
