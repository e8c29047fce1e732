import { describe, expect, it } from "vitest"
import { firstBytes } from "./bytes.ts"
import { type HeaderPart, numberNamed, textNamed } from "./model.ts"
import { readHeader } from "./read.ts"
import { corpusBytes, hasCorpus } from "./testing/corpus.ts"
import { dpxFile, type MadeDpx, type MadeField } from "./testing/dpx-file.ts"

const outcomeOf = (bytes: Uint8Array) => readHeader(firstBytes(bytes, bytes.length), "a.dpx")

function parts(made: Partial<MadeDpx>): readonly HeaderPart[] {
  const outcome = outcomeOf(dpxFile({ width: 64, height: 48, ...made }))
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome))
  return outcome.value.parts
}

const first = (made: Partial<MadeDpx>): HeaderPart => {
  const [part] = parts(made)
  if (part === undefined) throw new Error("no part")
  return part
}

describe("a DPX header", () => {
  it.each([false, true])("reads alike in both byte orders (little-endian: %s)", (littleEndian) => {
    const fields: readonly MadeField[] = [
      [36, "text", "sh010.0001.dpx\0"],
      [768, "u16", 2],
      [1628, "u32", 2],
      [1632, "u32", 1],
      [1724, "f32", 24],
      [1920, "u32", 0x01000603],
    ]
    const part = first({ littleEndian, fields })
    expect(part.displayWindow).toEqual({ xMin: 0, yMin: 0, xMax: 63, yMax: 47 })
    expect(part.channels.map(({ name, pixelType }) => `${name}:${pixelType}`)).toEqual([
      "R:uint10",
      "G:uint10",
      "B:uint10",
    ])
    expect(part.pixelAspect).toBe(2)
    expect(textNamed(part, "fileName")).toBe("sh010.0001.dpx")
    expect(["orientation", "transfer", "filmFrameRate", "timecode"].map((name) => numberNamed(part, name))).toEqual([
      2, 6, 24, 0x01000603,
    ])
  })

  it("has no film or television fields where its pixels begin before them", () => {
    const part = first({ headerBytes: 1664 })
    expect(numberNamed(part, "filmFrameRate")).toBeNull()
    expect(numberNamed(part, "timecode")).toBeNull()
    expect(numberNamed(part, "bitDepth")).toBe(10)
  })

  it.each([
    ["both unset", 0xffffffff, 0xffffffff],
    ["zero", 0, 0],
    ["a thousand to one", 1000, 1],
  ])("shows square pixels where the aspect is %s", (_, horizontal, vertical) => {
    expect(
      first({
        fields: [
          [1628, "u32", horizontal],
          [1632, "u32", vertical],
        ],
      }).pixelAspect,
    ).toBe(1)
  })

  it("gives each image element a part of its own", () => {
    const second: readonly MadeField[] = [
      [770, "u16", 2],
      [872, "u8", 4],
      [875, "u8", 8],
      [852, "u32", 0],
    ]
    const [rgb, alpha] = parts({ fields: second })
    expect(rgb?.channels).toHaveLength(3)
    expect(alpha?.channels).toMatchObject([{ name: "A", pixelType: "uint8" }])
  })

  it.each<readonly [string, Partial<MadeDpx>, string]>([
    ["0 pixels wide", { fields: [[772, "u32", 0]] }, "picture/damaged"],
    ["100 million pixels wide", { fields: [[772, "u32", 100_000_000]] }, "picture/over-limit"],
    ["of unset size", { fields: [[772, "u32", 0xffffffff]] }, "picture/over-limit"],
  ])("%s is refused", (_, made, code) => {
    expect(outcomeOf(dpxFile({ width: 64, height: 48, ...made }))).toMatchObject({ kind: "failed", failure: { code } })
  })

  it("cut short is damaged, and asks for the rest where there is one", () => {
    const bytes = dpxFile({ width: 64, height: 48 })
    expect(outcomeOf(bytes.subarray(0, 900))).toMatchObject({ kind: "failed", failure: { code: "picture/damaged" } })
    expect(readHeader(firstBytes(bytes.subarray(0, 900), bytes.length), "a.dpx").kind).toBe("needMoreBytes")
  })
})

describe.skipIf(!hasCorpus)("the DPX of the corpus (skipped where the corpus is absent)", () => {
  it("is 512x512, 10 bits, of user-defined transfer, from Nuke", () => {
    const outcome = outcomeOf(corpusBytes("OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx"))
    const part = outcome.kind === "read" ? outcome.value.parts[0] : undefined
    if (part === undefined) throw new Error("not read")
    expect(part.displayWindow).toEqual({ xMin: 0, yMin: 0, xMax: 511, yMax: 511 })
    expect(numberNamed(part, "transfer")).toBe(0)
    expect(textNamed(part, "creator")).toContain("Nuke")
    expect(textNamed(part, "creationTime")).toBe("2011:03:08:14:47:25:PST")
  })
})
