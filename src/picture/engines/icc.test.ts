import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import sharp from "sharp"
import { expect, it } from "vitest"
import { PROFILES } from "../read/colour/testing/known-profiles.ts"
import { tiffFile } from "../read/header/testing/tiff-file.ts"
import { shownPattern, worst } from "../testing/pattern.ts"
import { quadrantDirectory } from "../testing/quadrant-tiff.ts"
import {
  decodeJpeg,
  decodeMovie,
  type EngineFixture,
  eachEngine,
  pixel,
  type Triple,
} from "./testing/engine-fixture.ts"

const REPORTED = fileURLToPath(new URL("../testing/reported/", import.meta.url))

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

/** Neither saturated nor out of any gamut, each of another lightness. */
const QUADRANTS: readonly Triple[] = [
  [180, 120, 96],
  [70, 140, 60],
  [90, 100, 170],
  [40, 40, 40],
]

/** The quadrants as a TIFF of the given profile: 3 samples in a pixel, or only the first. */
function picture(icc: Uint8Array, samples: 1 | 3, bits: 8 | 16): Uint8Array {
  const quadrants = QUADRANTS.map((codes) => codes.slice(0, samples))
  return tiffFile({ directories: [quadrantDirectory({ quadrants, photometric: samples === 1 ? 1 : 2, icc, bits })] })
}

/** What littleCMS makes of the file: libvips asks it to convert to sRGB. */
async function byLittleCms(file: Uint8Array): Promise<readonly Triple[]> {
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number): Triple => {
    const first = (y * info.width + x) * info.channels
    const [red = 0, green = red, blue = red] = data.subarray(first, first + info.channels)
    return [red, green, blue]
  }
  return [16, 48].flatMap((y) => [16, 48].map((x) => at(x, y)))
}

type Case = readonly [profile: keyof typeof PROFILES, samples: 1 | 3, bits: 8 | 16, name: string]

const CASES: readonly Case[] = [
  ["srgb", 3, 8, "srgb"],
  ["srgbTable", 3, 8, "srgb"],
  ["adobe", 3, 8, "g22_adobergb"],
  ["adobe", 3, 16, "g22_adobergb"],
  ["displayP3", 3, 8, "srgb_p3d65"],
  ["proPhoto", 3, 8, "icc:ProPhoto RGB"],
  ["proPhoto", 3, 16, "icc:ProPhoto RGB"],
  ["romm", 3, 16, "icc:ROMM RGB: ISO 22028-2"],
  ["wide", 3, 8, "icc:Wide Gamut RGB"],
  ["eci", 3, 8, "icc:eciRGB v2"],
  ["rec709", 3, 8, "icc:Rec. 709 Gamma 2.4"],
  ["gamma22", 3, 8, "g22_rec709"],
  ["gamma18", 3, 8, "icc:Apple RGB"],
  ["monitor", 3, 8, "icc:A monitor, calibrated"],
  ["linearProPhoto", 3, 16, "icc:Linear ProPhoto"],
  ["linear", 3, 16, "lin_rec709"],
  ["grey22", 1, 8, "g22_rec709"],
  ["dotGain", 1, 8, "icc:Dot Gain 20%"],
]

describeEach("a TIFF with an ICC profile shows the colours that littleCMS shows", () => {
  it.each(CASES)("%s, %s samples of %s bits", async (profile, samples, bits, name) => {
    await writeFile(join(fixture.folder, "profiled.tif"), picture(PROFILES[profile], samples, bits))
    const { codes, reading } = await shownPattern(fixture, "profiled.tif")
    expect(reading).toMatchObject({ colorspace: { name, rule: "tiff-samples" }, warnings: [] })
    // libvips takes 16 bits by way of Display P3, which cuts colours off; the codes are the same in both depths.
    const expected = await byLittleCms(picture(PROFILES[profile], samples, 8))
    expect(worst(codes, expected), `${codes.join(" ")}`).toBeLessThanOrEqual(4)
  })

  it("as the reported file has it", async () => {
    const { codes, reading } = await shownPattern(fixture, `${REPORTED}t_adobe_rgb.tif`)
    expect(reading).toMatchObject({ colorspace: { name: "g22_adobergb" }, warnings: [] })
    const expected: readonly Triple[] = [
      [255, 19, 19],
      [0, 180, 0],
      [19, 19, 235],
      [129, 129, 129],
    ]
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })

  it("in the proxy as in the thumbnail", async () => {
    await writeFile(join(fixture.folder, "profiled.tif"), picture(PROFILES.proPhoto, 3, 8))
    const { made } = await shownPattern(fixture, "profiled.tif")
    const [thumbnail, movie] = [
      await decodeJpeg(made.files.thumbnail.path),
      await decodeMovie(fixture, made.files.proxy.path),
    ]
    for (const [across, down] of [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ] as const) {
      const { x, y, width, height } = made.files.proxy.picture
      const shown = movie.at(Math.round(x + across * width), Math.round(y + down * height))
      const expected = bt709(pixel(thumbnail, across * 256, down * 256))
      expect(Math.max(...shown.map((value, at) => Math.abs(value - (expected[at] ?? 0))))).toBeLessThanOrEqual(4)
    }
  })
})

/** Limited-range Y, Cb, Cr of 8-bit codes (BT.709-6). */
function bt709([r, g, b]: Triple): Triple {
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
  return [16 + (219 * luma) / 255, 128 + (224 * (b - luma)) / 255 / 1.8556, 128 + (224 * (r - luma)) / 255 / 1.5748]
}
