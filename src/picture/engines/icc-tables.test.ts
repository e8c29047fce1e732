import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { iccProfile, tables } from "../read/colour/testing/icc-profile.ts"
import { type MadeTag, tiffFile } from "../read/header/testing/tiff-file.ts"
import { shownPattern, worst } from "../testing/pattern.ts"
import { quadrantDirectory } from "../testing/quadrant-tiff.ts"
import { type EngineFixture, eachEngine, type Triple } from "./testing/engine-fixture.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

/** CIE Lab under D50 of the four quadrants. */
const LAB: readonly Triple[] = [
  [60, -20, -25],
  [50, 45, 5],
  [80, -5, 50],
  [25, 0, 0],
]
const PAPER: Triple = [100, 0, 0]
/** littleCMS stretches what a profile calls black to black. */
const BLACK: Triple = [0, 0, 0]

/** One channel full, all others empty: a corner of the tables, which is exactly what they say. */
const cornersOf = (channels: number, quadrantChannel: readonly number[], black: number): readonly Triple[] =>
  Array.from({ length: 2 ** channels }, (_, corner) => {
    const full = LAB.findIndex((_lab, quadrant) => corner === quadrantChannel[quadrant])
    return LAB[full] ?? (corner === black ? BLACK : PAPER)
  })

const CMYK = iccProfile({
  description: "A press",
  model: "CMYK",
  connection: "Lab ",
  curves: [],
  more: [["A2B0", tables(4, cornersOf(4, [8, 4, 2, 1], 15))]],
})
const SCANNER = iccProfile({
  description: "A scanner",
  connection: "Lab ",
  curves: [],
  more: [["A2B0", tables(3, cornersOf(3, [4, 2, 1, 6], 0))]],
})

const INKS = [
  [255, 0, 0, 0],
  [0, 255, 0, 0],
  [0, 0, 255, 0],
  [0, 0, 0, 255],
]
const CODES = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
]

type Made = { readonly icc: Uint8Array; readonly quadrants: readonly (readonly number[])[]; readonly bits?: 8 | 16 }

/** Behind a reduced copy, which is not what is shown. */
function picture({ icc, quadrants, bits = 8 }: Made, orientation = 1): Uint8Array {
  const samples = quadrants[0]?.length ?? 0
  const whole = quadrantDirectory({ quadrants, photometric: samples === 4 ? 5 : 2, icc, bits, orientation })
  const reducedBytes = (64 * samples * bits) / 8
  const tags: readonly MadeTag[] = [
    [254, 4, [1]],
    ...whole.tags.slice(0, 2).map(([tag, type]): MadeTag => [tag, type, [8]]),
    ...whole.tags.slice(2, 7),
    [278, 4, [8]],
    [279, 4, [reducedBytes]],
  ]
  return tiffFile({ directories: [{ tags, pixels: new Uint8Array(reducedBytes) }, whole] })
}

/** sRGB codes of CIE Lab under D50: Bradford's matrix of IEC 61966-2-1's annex, then the curve. */
function codesOf([l, a, b]: Triple): Triple {
  const fy = (l + 16) / 116
  const cube = (f: number): number => (f > 6 / 29 ? f ** 3 : (f - 16 / 116) / 7.787)
  const [x, y, z] = [0.9642 * cube(fy + a / 500), cube(fy), 0.8249 * cube(fy - b / 200)]
  const light = [
    3.1338561 * x - 1.6168667 * y - 0.4906146 * z,
    -0.9787684 * x + 1.9161415 * y + 0.033454 * z,
    0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
  ]
  const [red = 0, green = 0, blue = 0] = light.map((one) =>
    Math.round(255 * (one > 0.0031308 ? 1.055 * one ** (1 / 2.4) - 0.055 : 12.92 * one)),
  )
  return [red, green, blue]
}

const EXPECTED = LAB.map(codesOf)

describeEach("a TIFF whose ICC profile holds tables is converted by littleCMS", () => {
  it.each([
    ["CMYK", { icc: CMYK, quadrants: INKS }, "icc:A press"],
    ["CMYK of 16 bits", { icc: CMYK, quadrants: INKS, bits: 16 }, "icc:A press"],
    ["RGB", { icc: SCANNER, quadrants: CODES }, "icc:A scanner"],
    ["RGB of 16 bits", { icc: SCANNER, quadrants: CODES, bits: 16 }, "icc:A scanner"],
  ] as const)("%s", async (_, made, name) => {
    await writeFile(join(fixture.folder, "tables.tif"), picture(made))
    const { codes, reading, made: rendered } = await shownPattern(fixture, "tables.tif")
    expect(reading).toMatchObject({ colorspace: { name }, warnings: [] })
    expect(rendered.warnings).toEqual([])
    expect(worst(codes, EXPECTED), `${codes.join(" ")} for ${EXPECTED.join(" ")}`).toBeLessThanOrEqual(4)
  })

  it("the right way up", async () => {
    await writeFile(join(fixture.folder, "turned.tif"), picture({ icc: CMYK, quadrants: INKS }, 3))
    const { codes } = await shownPattern(fixture, "turned.tif")
    expect(worst(codes, EXPECTED.toReversed())).toBeLessThanOrEqual(4)
  })

  it("and shown as sRGB, with a warning, where littleCMS refuses the profile", async () => {
    const broken = iccProfile({ description: "broken", curves: [], more: [["A2B0", new Uint8Array(64)]] })
    await writeFile(join(fixture.folder, "broken.tif"), picture({ icc: broken, quadrants: CODES }))
    const { codes, made } = await shownPattern(fixture, "broken.tif")
    expect(made.warnings).toEqual([expect.stringContaining("The TIFF's ICC profile could not be followed")])
    expect(worst(codes, CODES as unknown as Triple[])).toBeLessThanOrEqual(4)
  })
})
