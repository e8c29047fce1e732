import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import type { Reading } from "../../model.ts"
import { readingOf } from "../../testing/readings.ts"
import { dpxFile, type MadeField } from "../header/testing/dpx-file.ts"
import { exrFile, floats, ints, type MadeAttribute, string } from "../header/testing/exr-file.ts"
import { SPACES, spaceNamed } from "./spaces.ts"

type ReadingOptions = Parameters<typeof readingOf>[2]

const RGB = ["R", "G", "B"]
const exr = (attributes: readonly MadeAttribute[], asked: ReadingOptions = {}, channels = RGB): Reading =>
  readingOf(exrFile({ parts: [{ channels, attributes }] }), "shot/a.exr", asked)

const interop = string("colorInteropID", "lin_ap1_scene")
const aces: MadeAttribute = ["acesImageContainerFlag", "int", ints(1)]
const rec2020: MadeAttribute = [
  "chromaticities",
  "chromaticities",
  floats(0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
]
const xyz: MadeAttribute = ["chromaticities", "chromaticities", floats(1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3)]
const tokens = { colour: { cameraTokens: true } }

describe("the colour space of an EXR", () => {
  it.each<readonly [string, readonly MadeAttribute[], ReadingOptions, string, string]>([
    [
      "settings",
      [interop, aces, rec2020],
      { statedSpace: "ACEScg", colour: { inputSpace: "LogC3" } },
      "setting",
      "LogC3",
    ],
    ["metadata", [interop, aces, rec2020], { statedSpace: "sRGB - Texture" }, "object-metadata", "srgb"],
    ["ACES container", [rec2020, interop, aces], tokens, "aces-container", "ACES2065-1"],
    ["interop id", [rec2020, interop], tokens, "interop-id", "ACEScg"],
    ["chromaticities", [rec2020], { ...tokens, key: "a_logc3.exr" }, "chromaticities", "lin_rec2020"],
    ["file name", [], { ...tokens, key: "dir/a.logc3.0001.exr" }, "file-name", "LogC3"],
    ["specification", [], { key: "a.logc3.exr" }, "default", "lin_rec709"],
  ])("is decided by the %s, before what comes after it", (...[, attributes, asked, rule, name]) => {
    const { colorspace } = exr(attributes, asked)
    expect(colorspace).toMatchObject({ rule, name, look: "un-tone-mapped", configHash: "0123456789abcdef" })
    expect(colorspace.evidence).toMatch(/\.$/)
  })

  it("that has no name is a matrix from linear file RGB to linear Rec.709", () => {
    const { colorspace } = exr([xyz])
    expect(colorspace).toMatchObject({ name: "lin_xyz_e", configSpace: "lin_rec709", encoding: "scene-linear" })
    expect(colorspace.matrix).toHaveLength(9)
    expect(colorspace.matrix[0]).toBeCloseTo(3.24097, 4)
  })

  it("does not depend on its primaries where the picture is grey", () => {
    expect(exr([xyz], {}, ["Y"]).colorspace).toMatchObject({ name: "lin_rec709", matrix: [] })
  })

  it("is CIE XYZ where the channels are called so", () => {
    const { colorspace } = exr([], {}, ["X", "Y", "Z"])
    expect(colorspace).toMatchObject({ name: "lin_xyz_e", evidence: expect.stringContaining("X, Y and Z") })
    expect(colorspace.matrix[0]).toBeCloseTo(3.24097, 4)
  })

  it.each<readonly [string, MadeAttribute, string]>([
    [
      "chromaticities of NaN",
      ["chromaticities", "chromaticities", floats(...new Array(8).fill(Number.NaN))],
      "chromaticities",
    ],
    [
      "chromaticities on a line",
      ["chromaticities", "chromaticities", floats(...new Array(8).fill(0.25))],
      "chromaticities",
    ],
    ["an unknown interop id", string("colorInteropID", "lin_martian_scene"), "lin_martian_scene"],
  ])("is the specification's where %s are ignored, with a warning", (_, attribute, mentioned) => {
    const { colorspace, warnings } = exr([attribute])
    expect(colorspace.name).toBe("lin_rec709")
    expect(warnings.join()).toContain(mentioned)
  })

  it("is shared between parts: the first part's chromaticities count where the shown part has none", () => {
    const depth = { channels: ["Z"], attributes: [string("name", "depth"), string("type", "scanlineimage"), rec2020] }
    const rgba = { channels: RGB, attributes: [string("name", "rgba"), string("type", "scanlineimage")] }
    const { selection, colorspace } = readingOf(exrFile({ flags: 0x1000, parts: [depth, rgba] }), "a.exr")
    expect([selection.part, colorspace.name]).toEqual([1, "lin_rec2020"])
  })

  it("may be one that only the facility's config knows", () => {
    const { colorspace } = exr([], { colour: { inputSpace: "studio_log_v2" } })
    expect(colorspace).toMatchObject({ name: "studio_log_v2", configSpace: "studio_log_v2", encoding: "log" })
  })

  it("is not what metadata states in words that nobody knows, and a warning says so", () => {
    const { colorspace, warnings } = exr([], { statedSpace: "--nonsense" })
    expect(colorspace.rule).toBe("default")
    expect(warnings.join()).toContain("--nonsense")
  })
})

describe("camera tokens in file names", () => {
  it.each([
    ["dir_slog3/a.exr", "lin_rec709"],
    ["a_slog3.0001.exr", "SLog3_SGamut3"],
    ["a.S-Log3.SGamut3Cine.exr", "SLog3_SGamut3Cine"],
    ["a-vlog-b.exr", "VLog"],
    ["a.Log3G10.exr", "Log3G10"],
    ["a_ACEScct_v002.exr", "ACEScct"],
    ["a_logc4.0001.exr", "LogC4"],
    ["a.C-Log3.exr", "CanonLog3"],
    ["dialog3.exr", "lin_rec709"],
    ["analogcatalog.exr", "lin_rec709"],
    ["vlogger.exr", "lin_rec709"],
  ])("in %s mean %s", (key, name) => {
    expect(exr([], { ...tokens, key }).colorspace.name).toBe(name)
  })
})

describe("the colour space of a DPX", () => {
  const dpx = (transfer: number, bits = 10, ...fields: readonly MadeField[]) =>
    readingOf(
      dpxFile({
        width: 8,
        height: 8,
        fields: [[801, "u8", transfer], [803, "u8", bits], ...fields],
        pixels: new Uint8Array(2048),
      }),
      "a.dpx",
    ).colorspace

  it.each([
    [1, 10, "KodakLog", "log", "dpx-transfer"],
    [3, 10, "KodakLog", "log", "dpx-transfer"],
    [2, 10, "rec709_video", "display", "dpx-transfer"],
    [2, 32, "lin_rec709", "scene-linear", "dpx-transfer"],
    [4, 8, "rec709_video", "display", "dpx-transfer"],
    [6, 16, "rec709_video", "display", "dpx-transfer"],
    [13, 10, "ADX10", "log", "dpx-transfer"],
    [13, 16, "ADX16", "log", "dpx-transfer"],
    [0, 10, "rec709_video", "display", "default"],
    [255, 10, "rec709_video", "display", "default"],
  ])("with transfer %d and %d bits is %s", (...[transfer, bits, name, encoding, rule]) => {
    expect(dpx(transfer, bits)).toMatchObject({
      name,
      encoding,
      rule,
      evidence: expect.stringContaining(`${transfer}`),
    })
  })
})

describe("the table of spaces", () => {
  it("names only spaces of the bundled OCIO config", () => {
    const config = readFileSync(fileURLToPath(new URL("../../proxy.ocio", import.meta.url)), "utf8")
    const known = new Set([...config.matchAll(/name: ([^\n,}]+)/g)].map(([, name]) => name?.trim()))
    expect(SPACES.map(({ configSpace }) => configSpace).filter((name) => !known.has(name))).toEqual([])
  })

  it("has one space for each spelling", () => {
    for (const space of SPACES)
      for (const name of [space.configSpace, space.name, ...space.interopIds, ...space.aliases])
        expect(spaceNamed(name)?.configSpace).toBe(space.configSpace)
  })
})

describe("the identifiers of the Color Interop Forum", () => {
  const identified = (id: string) => exr([string("colorInteropID", id)])

  it.each([
    ...["lin_ap0_scene", "lin_ap1_scene", "lin_rec709_scene", "lin_p3d65_scene", "lin_rec2020_scene"],
    ...["lin_adobergb_scene", "lin_ciexyzd65_scene"],
  ])("%s is scene-linear", (id) => {
    expect(identified(id)).toMatchObject({ colorspace: { encoding: "scene-linear", rule: "interop-id" }, warnings: [] })
  })

  it.each([
    ...["srgb_rec709_scene", "g24_rec709_scene", "g22_rec709_scene", "g18_rec709_scene", "srgb_ap1_scene"],
    ...["g22_ap1_scene", "srgb_p3d65_scene", "g22_adobergb_scene", "data"],
    ...["srgb_rec709_display", "g24_rec709_display", "g22_rec709_display", "srgb_p3d65_display", "srgbe_p3d65_display"],
    ...["g22_adobergb_display", "g26_p3d65_display", "g26_xyzd65_display", "pq_p3d65_display", "pq_rec2020_display"],
    ...["pq_xyzd65_display", "hlg_rec2020_display", "lin_rec709_display", "lin_p3d65_display", "lin_rec2020_display"],
  ])("%s is display-referred: no look touches it", (id) => {
    expect(identified(id)).toMatchObject({ colorspace: { encoding: "display", rule: "interop-id" }, warnings: [] })
  })

  it.each([
    ["ocio:acescct_ap1_scene", "ACEScct"],
    ["fixture:lin_ap1_scene", "ACEScg"],
    ["fixture:ocio:arrilogc4_awg4_scene", "LogC4"],
    ["ocio:lin_cgamutd55_scene", "lin_cgamut"],
  ])("%s loses its namespaces from the left until it is known: %s", (id, name) => {
    expect(identified(id)).toMatchObject({ colorspace: { name, rule: "interop-id" }, warnings: [] })
  })

  it("unknown states nothing, without a warning", () => {
    expect(identified("unknown")).toMatchObject({ colorspace: { rule: "default" }, warnings: [] })
  })

  it.each(["fixture:data", "Lin_AP1_Scene", "lin_ap1_scene:x", ":"])("%s is none of them and is warned of", (id) => {
    const { colorspace, warnings } = identified(id)
    expect(colorspace.rule).toBe("default")
    expect(warnings.join()).toContain(JSON.stringify(id))
  })
})

describe("oiio:ColorSpace in an EXR", () => {
  const written = (said: string, ...more: readonly MadeAttribute[]) => exr([string("oiio:ColorSpace", said), ...more])

  it("decides nothing, and a warning says so where it says something else", () => {
    const { colorspace, warnings } = written("sRGB")
    expect(colorspace).toMatchObject({ name: "lin_rec709", rule: "default" })
    expect(warnings.join()).toContain('oiio:ColorSpace "sRGB"')
  })

  it("is worth no word where it agrees", () => {
    expect(written("Linear").warnings).toEqual([])
    expect(written("lin_ap1_scene", interop).warnings).toEqual([])
  })
})

describe("chromaticities within a thousandth", () => {
  const near = (off: number): MadeAttribute => [
    "chromaticities",
    "chromaticities",
    floats(0.64 + off, 0.33, 0.21, 0.71 - off, 0.15, 0.06, 0.3127, 0.329),
  ]
  it("are those of the named space, and others a matrix", () => {
    expect(exr([near(0.0009)]).colorspace.name).toBe("lin_adobergb")
    expect(exr([near(0.002)]).colorspace.name).toBe("lin_custom_chromaticities")
  })
})
