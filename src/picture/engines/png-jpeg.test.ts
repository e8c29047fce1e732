import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import sharp, { type Sharp } from "sharp"
import { expect, it } from "vitest"
import { iccProfile, tables } from "../read/colour/testing/icc-profile.ts"
import { PROFILES } from "../read/colour/testing/known-profiles.ts"
import { type MadeTag, tiffFile } from "../read/header/testing/tiff-file.ts"
import { DISPLAY_CODES, shownPattern, worst } from "../testing/pattern.ts"
import { patternSamples, pngFile, pngNumbers, pngProfile, vips } from "../testing/still-files.ts"
import { withGainMap } from "../testing/ultra-hdr-file.ts"
import { type EngineFixture, eachEngine, type Triple } from "./testing/engine-fixture.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const GREY = DISPLAY_CODES.map(([red]): Triple => [red, red, red])
const HALF_COVERED = DISPLAY_CODES.map(
  (codes) => codes.map((code) => Math.round((code * 128) / 255)) as unknown as Triple,
)
const TURNED: readonly Triple[] = [2, 0, 3, 1].map((at) => DISPLAY_CODES[at] ?? [0, 0, 0])

const rgb = (bits: 8 | 16 = 8): Sharp => vips(patternSamples(), bits)
const rgba = (bits: 8 | 16 = 8): Sharp =>
  vips(
    patternSamples((codes) => [...codes, 128]),
    bits,
  )
const grey = (bits: 8 | 16 = 8): Sharp =>
  vips(
    patternSamples(([red]) => [red]),
    bits,
  )
const greyAndAlpha = (): Sharp => vips(patternSamples(([red]) => [red, 128]))
const jpeg = (picture: Sharp, more: object = {}): Sharp =>
  picture.jpeg({ quality: 98, chromaSubsampling: "4:4:4", ...more })

type Kind = readonly [
  title: string,
  picture: () => Sharp | Promise<Sharp> | Buffer,
  file: string,
  codes: readonly Triple[],
]

const KINDS: readonly Kind[] = [
  ["8 bits", () => rgb().png(), "a.png", DISPLAY_CODES],
  ["16 bits", () => rgb(16).png(), "b.png", DISPLAY_CODES],
  ["a palette", () => rgb().png({ palette: true }), "c.png", DISPLAY_CODES],
  ["grey", () => grey().png(), "d.png", GREY],
  ["grey of 16 bits", () => grey(16).png(), "e.png", GREY],
  ["alpha, over black", () => rgba().png(), "f.png", HALF_COVERED],
  ["alpha of 16 bits", () => rgba(16).png(), "g.png", HALF_COVERED],
  ["grey and alpha", () => greyAndAlpha().png(), "h.png", HALF_COVERED.map(([red]) => [red, red, red])],
  ["interlaced rows", () => rgb().png({ progressive: true }), "i.png", DISPLAY_CODES],
  ["an ending in capitals", () => rgb().png(), "J.PNG", DISPLAY_CODES],
  ["baseline", () => jpeg(rgb()), "a.jpg", DISPLAY_CODES],
  ["the other ending", () => jpeg(rgb()), "a.jpeg", DISPLAY_CODES],
  ["progressive", () => jpeg(rgb(), { progressive: true }), "b.jpg", DISPLAY_CODES],
  ["grey JPEG", () => jpeg(grey()), "c.jpg", GREY],
  ["turned by Exif", () => jpeg(rgb()).withMetadata({ orientation: 6 }), "d.jpg", TURNED],
]

async function write(file: string, picture: Sharp | Promise<Sharp> | Buffer): Promise<void> {
  const made = await picture
  await writeFile(join(fixture.folder, file), Buffer.isBuffer(made) ? made : await made.toBuffer())
}

describeEach("PNG and JPEG are shown as they are", () => {
  it.each(KINDS)("%s", async (_, picture, file, expected) => {
    await write(file, picture())
    const { codes, made, reading } = await shownPattern(fixture, file)
    expect(reading.warnings).toEqual([])
    expect(made.warnings).toEqual([])
    expect(worst(codes, expected), `${codes.join(" ")} for ${expected.join(" ")}`).toBeLessThanOrEqual(4)
  })
})

/** From the report about Adobe RGB in TIFFs: what the pattern's codes are in sRGB. */
const ADOBE: readonly Triple[] = [
  [255, 19, 19],
  [0, 180, 0],
  [19, 19, 235],
  [129, 129, 129],
]
const encoded = (light: number): number =>
  Math.round(255 * (light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light))
const decoded = (code: number): number => (code > 10.31 ? ((code / 255 + 0.055) / 1.055) ** 2.4 : code / 255 / 12.92)
const LINEAR = DISPLAY_CODES.map((codes) => codes.map((code) => encoded(code / 255)) as unknown as Triple)
/** SMPTE EG 432's primaries under D65, to those of ITU-R BT.709. */
const P3 = DISPLAY_CODES.map((codes): Triple => {
  const [r, g, b] = codes.map(decoded) as unknown as Triple
  const light = [1.22494 * r - 0.22494 * g, -0.04206 * r + 1.04206 * g, -0.01964 * r - 0.07864 * g + 1.09827 * b]
  return light.map((one) => encoded(Math.min(1, Math.max(0, one)))) as unknown as Triple
})
const ADOBE_PRIMARIES = [31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000]

describeEach("what a PNG or JPEG says of its colour is followed", () => {
  it.each([
    ["the sRGB chunk", [["sRGB", Uint8Array.of(0)] as const], "srgb", DISPLAY_CODES],
    [
      "gamma and primaries of a named space",
      [pngNumbers("gAMA", 45_455), pngNumbers("cHRM", ...ADOBE_PRIMARIES)],
      "g22_adobergb",
      ADOBE,
    ],
    ["a gamma that is the identity", [pngNumbers("gAMA", 100_000)], "lin_rec709", LINEAR],
    [
      "code points of Display P3",
      [["cICP", Uint8Array.of(12, 13, 0, 1)] as const, pngNumbers("gAMA", 100_000)],
      "srgb_p3d65",
      P3,
    ],
    ["a profile before gamma", [pngProfile(PROFILES.adobe), pngNumbers("gAMA", 100_000)], "g22_adobergb", ADOBE],
  ])("%s", async (_, chunks, name, expected) => {
    await write("stated.png", pngFile(chunks))
    const { codes, reading } = await shownPattern(fixture, "stated.png")
    expect(reading).toMatchObject({ colorspace: { name }, warnings: [] })
    expect(worst(codes, expected), `${codes.join(" ")} for ${expected.join(" ")}`).toBeLessThanOrEqual(4)
  })

  it("gamma and primaries of no named space", async () => {
    await write("gamma.png", pngFile([pngNumbers("gAMA", 30_000)]))
    const { codes, reading } = await shownPattern(fixture, "gamma.png")
    const expected = DISPLAY_CODES.map(
      (one) => one.map((code) => encoded((code / 255) ** (1 / 0.3))) as unknown as Triple,
    )
    expect(reading.colorspace).toMatchObject({ name: "png_gamma", rule: "png-gamma" })
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })

  it("a gain map for HDR displays changes nothing of the picture that carries it", async () => {
    await write("ultra.jpg", withGainMap(await jpeg(rgb()).toBuffer(), await jpeg(grey()).toBuffer()))
    expect(worst((await shownPattern(fixture, "ultra.jpg")).codes, DISPLAY_CODES)).toBeLessThanOrEqual(4)
  })

  it("the profile of a JPEG in its pieces", async () => {
    await write("profile.jpg", withProfile(await jpeg(rgb()).toBuffer(), PROFILES.adobe, 100))
    const { codes, reading } = await shownPattern(fixture, "profile.jpg")
    expect(reading).toMatchObject({ colorspace: { name: "g22_adobergb" }, warnings: [] })
    expect(worst(codes, ADOBE)).toBeLessThanOrEqual(4)
  })

  it("CMYK by the tables of its profile", async () => {
    await write("press.jpg", withProfile(await cmyk(), PRESS, 60_000))
    const { codes, reading } = await shownPattern(fixture, "press.jpg")
    expect(reading).toMatchObject({ colorspace: { name: "icc:A press", rule: "icc-profile" }, warnings: [] })
    expect(worst(codes, PRINTED), codes.join(" ")).toBeLessThanOrEqual(6)
  })

  it("CMYK without a profile by arithmetic, with a warning", async () => {
    await write("inks.jpg", await cmyk())
    const { codes, reading } = await shownPattern(fixture, "inks.jpg")
    expect(reading.warnings).toEqual([expect.stringContaining("CMYK is converted without a profile")])
    expect(worst(codes, INKS)).toBeLessThanOrEqual(4)
  })

  it("a damaged profile costs a warning", async () => {
    await write("broken.png", pngFile([["iCCP", Buffer.from("p\0\0not deflated", "latin1")]]))
    const { codes, reading } = await shownPattern(fixture, "broken.png")
    expect(reading.warnings).toEqual(["The PNG's ICC profile cannot be read; the picture is shown as sRGB."])
    expect(worst(codes, DISPLAY_CODES)).toBeLessThanOrEqual(4)
  })
})

/** Inks of the quadrants, by arithmetic: cyan, magenta, yellow, black. */
const INKS: readonly Triple[] = [
  [0, 255, 255],
  [255, 0, 255],
  [255, 255, 0],
  [0, 0, 0],
]
/** CIE Lab of each ink alone, by its corner of the tables. */
const LAB: Readonly<Record<number, Triple>> = {
  8: [60, -20, -25],
  4: [50, 45, 5],
  2: [80, -5, 50],
  1: [25, 0, 0],
  15: [0, 0, 0],
}
const PRESS = iccProfile({
  description: "A press",
  model: "CMYK",
  connection: "Lab ",
  curves: [],
  more: [
    [
      "A2B0",
      tables(
        4,
        Array.from({ length: 16 }, (_, corner) => LAB[corner] ?? [100, 0, 0]),
      ),
    ],
  ],
})
/** The same in sRGB, by Bradford's matrix and the curve of IEC 61966-2-1. */
const PRINTED: readonly Triple[] = [
  [67, 156, 188],
  [188, 83, 113],
  [212, 200, 101],
  [59, 59, 59],
]

/** As Adobe's programs write CMYK, inverted; libvips does. */
const cmyk = (): Promise<Buffer> => {
  const pixels = Uint8Array.from(patternSamples((_, x, y) => INK[(y < 32 ? 0 : 2) + (x < 32 ? 0 : 1)] ?? []))
  const tags: readonly MadeTag[] = [
    [256, 4, [64]],
    [257, 4, [64]],
    [258, 3, [8, 8, 8, 8]],
    [259, 3, [1]],
    [262, 3, [5]],
    [277, 3, [4]],
    [278, 4, [64]],
    [279, 4, [pixels.length]],
  ]
  return sharp(tiffFile({ directories: [{ tags, pixels }] }))
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .jpeg({ quality: 98, chromaSubsampling: "4:4:4" })
    .toBuffer()
}

const INK = [
  [255, 0, 0, 0],
  [0, 255, 0, 0],
  [0, 0, 255, 0],
  [0, 0, 0, 255],
]

/** A JPEG with a profile in pieces of so many bytes, as ICC.1 annex B.4 has it. */
function withProfile(file: Buffer, profile: Uint8Array, pieceBytes: number): Buffer {
  const count = Math.ceil(profile.length / pieceBytes)
  const pieces = Array.from({ length: count }, (_, at) => {
    const piece = profile.subarray(at * pieceBytes, (at + 1) * pieceBytes)
    const head = Buffer.from([0xff, 0xe2, 0, 0, ...Buffer.from("ICC_PROFILE\0", "latin1"), at + 1, count])
    head.writeUInt16BE(head.length - 2 + piece.length, 2)
    return Buffer.concat([head, piece])
  })
  return Buffer.concat([file.subarray(0, 2), ...pieces, file.subarray(2)])
}
