import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readingOf } from "../../testing/readings.ts"
import { type MadeTag, tiffFile } from "../header/testing/tiff-file.ts"
import { readIcc } from "./icc.ts"
import { ICC_SPACE, ICC_TABLES } from "./stated-light.ts"
import { iccProfile } from "./testing/icc-profile.ts"
import { PROFILES, SRGB_CURVE } from "./testing/known-profiles.ts"

const PRIMARIES = [
  [0.436, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
]

const TABLES: readonly (readonly [string, Uint8Array])[] = [["A2B0", new Uint8Array(40)]]
const scanner = iccProfile({ description: "scanner", colorants: PRIMARIES, curves: [[461]], more: TABLES })

/** Far from each other, so that the last one is found behind the first bytes of a header. */
const tiff = (icc?: Uint8Array, { photometric = 2, samples = 3, format = 1, bits = 8 } = {}, behind = 0) => {
  const tags: readonly MadeTag[] = [
    [256, 4, [16]],
    [257, 4, [8]],
    [258, 3, Array.from({ length: samples }, () => bits)],
    [262, 3, [photometric]],
    [277, 3, [samples]],
    [339, 3, Array.from({ length: samples }, () => format)],
    ...(samples === 4 && photometric === 2 ? [[338, 3, [1]] as const] : []),
    ...(icc === undefined ? [] : [[34_675, 7, [...icc]] as const]),
  ]
  const pixels = new Uint8Array(128 * samples * (bits / 8) + behind)
  return readingOf(tiffFile({ directories: [{ tags, pixels }] }), "a.tif")
}

describe("an ICC profile", () => {
  it("says what it describes, for which samples, and whether it holds tables", () => {
    expect(readIcc(PROFILES.adobe)).toMatchObject({ description: "Adobe RGB (1998)", model: "RGB", hasTables: false })
    expect(readIcc(PROFILES.dotGain)).toMatchObject({ description: "Dot Gain 20%", model: "GRAY" })
    const tables = iccProfile({ curves: [], model: "CMYK", more: [["A2B0", new Uint8Array(40)]] })
    expect(readIcc(tables)).toEqual({ description: "", model: "CMYK", light: null, hasTables: true })
  })

  it.each([
    ["a power", { kind: 0, numbers: [2] }, [0, 0.25, 1]],
    ["a power above a break", { kind: 1, numbers: [2, 2, -1] }, [0, 0, 1]],
    ["a power and an offset", { kind: 2, numbers: [2, 1, 0, 0.25] }, [0.25, 0.5, 1]],
    ["a power and a line", { kind: 3, numbers: [1, 1, 0, 0.5, 0.6] }, [0, 0.25, 1]],
    ["a power and a line, each with an offset", { kind: 4, numbers: [1, 1, 0, 0.5, 0.6, 0, 0.1] }, [0.1, 0.35, 1]],
    ["a gamma", [512], [0, 0.25, 1]],
    ["a table", [0, 16_384, 65_535], [0, 0.25, 1]],
  ])("has curves of every kind: %s", (_, curve, expected) => {
    const light = readIcc(iccProfile({ colorants: PRIMARIES, curves: [curve] }))?.light
    const shown = [0, 0.5, 1].map((code) => light?.curves[0](code) ?? Number.NaN)
    shown.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at] ?? Number.NaN, 3)
    })
  })

  it("is of no use where its primaries span nothing or its curve says nothing", () => {
    const one = PRIMARIES[0] ?? []
    for (const made of [
      iccProfile({ colorants: [one, one, one], curves: [SRGB_CURVE] }),
      iccProfile({ colorants: PRIMARIES.map((xyz) => xyz.map((value) => value / 1000)), curves: [SRGB_CURVE] }),
      iccProfile({ colorants: PRIMARIES, curves: [[0]] }),
      iccProfile({ colorants: PRIMARIES, curves: [[0, 0, 0]] }),
      iccProfile({ colorants: PRIMARIES, curves: [] }),
    ]) {
      expect(readIcc(made)).toMatchObject({ light: null })
    }
  })

  it("is nothing where it is cut short or is none", () => {
    expect(readIcc(PROFILES.srgb.subarray(0, 150))).toBeNull()
    expect(readIcc(new Uint8Array(0))).toBeNull()
    expect(readIcc(new Uint8Array(500).fill(255))).toBeNull()
    expect(readIcc(PROFILES.srgb.with(36, 0))).toBeNull()
  })
})

describe("an integer TIFF", () => {
  it("without a profile, or with sRGB's, is sRGB", () => {
    const srgb = { name: "srgb", configSpace: "srgb_tx", encoding: "display" }
    expect(tiff()).toMatchObject({ colorspace: srgb, warnings: [] })
    expect(tiff(PROFILES.srgb)).toMatchObject({
      colorspace: { ...srgb, evidence: expect.stringContaining("sRGB IEC61966-2.1") },
      warnings: [],
    })
  })

  it("has the named space that its profile describes, whatever the profile is called", () => {
    const lying = iccProfile({ description: "ProPhoto RGB", colorants: PRIMARIES, curves: [SRGB_CURVE] })
    expect(tiff(lying).colorspace.name).toBe("srgb")
    expect(tiff(PROFILES.displayP3)).toMatchObject({ colorspace: { name: "srgb_p3d65" }, warnings: [] })
    expect(tiff(PROFILES.grey22, { photometric: 1, samples: 1 })).toMatchObject({ colorspace: { name: "g22_rec709" } })
    expect(tiff(PROFILES.srgb, { photometric: 1, samples: 1 })).toMatchObject({ colorspace: { name: "srgb" } })
  })

  it("with a profile of no named space is called after its description", () => {
    expect(tiff(PROFILES.proPhoto)).toMatchObject({
      colorspace: { name: "icc:ProPhoto RGB", configSpace: ICC_SPACE, encoding: "display", matrix: [] },
      warnings: [],
    })
  })

  it("with a linear profile is scene-linear, in the profile's primaries", () => {
    const named = { name: "lin_rec709", encoding: "scene-linear", matrix: [], rule: "tiff-samples" }
    expect(tiff(PROFILES.linear)).toMatchObject({ colorspace: named, warnings: [] })
    const { colorspace } = tiff(PROFILES.linearProPhoto)
    expect(colorspace).toMatchObject({ name: "icc:Linear ProPhoto", encoding: "scene-linear" })
    expect(colorspace.matrix).toHaveLength(9)
  })

  it("finds a profile behind pixels, and one longer than a header's values", () => {
    const long = Array.from({ length: 60_000 }, (_, at) => Math.round(65_535 * (at / 59_999) ** 1.8))
    const profile = iccProfile({ description: "long", colorants: PRIMARIES, curves: [long, long, long] })
    expect(tiff(profile, {}, 500_000)).toMatchObject({ colorspace: { name: "g18_rec709" }, warnings: [] })
  })

  it.each([
    ["of other samples", PROFILES.grey22, "is one for GRAY"],
    ["without primaries", iccProfile({ description: "odd", curves: [] }), "(odd) has no usable curves and primaries"],
    ["that cannot be read", Uint8Array.of(1, 2, 3), "cannot be read"],
  ])("with a profile %s is shown as sRGB, with a warning", (_, profile, why) => {
    expect(tiff(profile)).toMatchObject({
      colorspace: { name: "srgb" },
      warnings: [expect.stringContaining(why)],
    })
  })

  it("with a profile that holds tables is converted by littleCMS", () => {
    expect(tiff(scanner)).toMatchObject({
      colorspace: { name: "icc:scanner", configSpace: ICC_TABLES, encoding: "display" },
      warnings: [],
    })
    const press = iccProfile({ description: "press", model: "CMYK", curves: [], more: TABLES })
    expect(tiff(press, { photometric: 5, samples: 4 })).toMatchObject({
      colorspace: { name: "icc:press" },
      warnings: [],
    })
  })

  it("of CMYK without a profile that fits is converted by arithmetic, with a warning", () => {
    const approximate = "CMYK is converted without a profile: the colours are approximate."
    expect(tiff(undefined, { photometric: 5, samples: 4 }).warnings).toEqual([approximate])
    expect(tiff(PROFILES.srgb, { photometric: 5, samples: 4 }).warnings).toEqual([
      expect.stringContaining("is one for RGB, which the samples are not"),
      approximate,
    ])
  })

  it("beside alpha, with a profile that holds tables, too, is shown by its curves and primaries, with a warning", () => {
    expect(tiff(scanner, { samples: 4 })).toMatchObject({
      colorspace: { name: "g18_rec709" },
      warnings: [expect.stringContaining("(scanner) holds tables")],
    })
  })
})

describe("a floating-point TIFF", () => {
  const floats = { format: 3, bits: 32 }

  it("is scene-linear without a profile, and in a linear one's primaries", () => {
    expect(tiff(undefined, floats).colorspace).toMatchObject({ name: "lin_rec709", encoding: "scene-linear" })
    expect(tiff(PROFILES.linearProPhoto, floats).colorspace).toMatchObject({ name: "icc:Linear ProPhoto" })
  })

  it("is coded where its profile says so, as painting programs write it", () => {
    expect(tiff(PROFILES.srgb, floats).colorspace).toMatchObject({ name: "srgb", encoding: "display" })
  })
})

describe("a damaged profile", () => {
  const names = Object.keys(PROFILES) as (keyof typeof PROFILES)[]
  const damage = fc.array(fc.tuple(fc.nat(700), fc.constantFrom(0, 1, 2, 127, 128, 254, 255)), { maxLength: 8 })

  it("ends as a reading, whatever it says and wherever it ends", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), damage, fc.nat(5000), (name, changes, end) => {
        const profile = PROFILES[name].slice(0, Math.max(1, end))
        for (const [at, byte] of changes) profile[at % profile.length] = byte
        const { colorspace, warnings } = tiff(profile)
        expect(colorspace.name).toMatch(/^(srgb|lin_|g\d\d_|ACES|srgb_|icc)/)
        expect(warnings.every((warning) => warning.length < 400)).toBe(true)
        const light = readIcc(profile)?.light
        const shown = [0, 0.3, 1].flatMap((code) => light?.curves.map((curve) => curve(code)) ?? [])
        expect([...shown, ...(light?.matrix ?? [])].every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
