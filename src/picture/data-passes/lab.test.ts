import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  decodeMovie,
  distance,
  type EngineFixture,
  eachEngine,
  type Triple,
} from "../engines/testing/engine-fixture.ts"
import { codesOf, type Lab, type LabFile, labFile } from "../testing/lab-file.ts"
import { readingOf } from "../testing/readings.ts"
import { labPainting } from "./lab.ts"
import { near, shownPass } from "./testing/shown-pass.ts"

/**
 * The ColorChecker: CIE L*a*b* under D50 as its maker published it, and the sRGB codes that littleCMS 2 makes of it,
 * rounded to Lab of 8 bits, relative colorimetric.
 */
const COLORCHECKER: readonly (readonly [name: string, lab: Lab, srgb: Triple])[] = [
  ["dark skin", [37.986, 13.555, 14.059], [116, 81, 68]],
  ["light skin", [65.711, 18.13, 17.81], [199, 148, 129]],
  ["blue sky", [49.927, -4.88, -21.925], [89, 122, 156]],
  ["foliage", [43.139, -13.095, 21.905], [90, 108, 64]],
  ["blue flower", [55.112, 8.844, -25.399], [131, 128, 176]],
  ["bluish green", [70.719, -33.397, -0.199], [93, 189, 171]],
  ["orange", [62.661, 36.067, 57.096], [224, 124, 47]],
  ["purplish blue", [40.02, 10.41, -45.964], [64, 91, 170]],
  ["moderate red", [51.124, 48.239, 16.248], [198, 82, 97]],
  ["purple", [30.325, 22.976, -21.587], [93, 58, 106]],
  ["yellow green", [72.532, -23.709, 57.255], [158, 189, 63]],
  ["orange yellow", [71.941, 19.363, 67.857], [229, 161, 37]],
  ["blue", [28.778, 14.179, -50.297], [36, 63, 146]],
  ["green", [55.261, -38.342, 31.37], [67, 149, 75]],
  ["red", [42.101, 53.378, 28.19], [179, 49, 57]],
  ["yellow", [81.733, 4.039, 79.819], [238, 198, 19]],
  ["magenta", [51.935, 49.986, -14.574], [192, 83, 151]],
  ["white", [96.539, -0.425, 1.186], [245, 245, 243]],
  ["neutral 5", [50.867, -0.153, -0.27], [121, 121, 121]],
  ["black", [20.461, -0.079, -0.973], [49, 49, 51]],
]

const D50 = [0.34567, 0.3585] as const

/** What one pixel is painted, as codes of 8 bits. */
function painted(lab: Lab, file: Pick<LabFile, "encoding" | "bits">, white: readonly [number, number] = D50): Triple {
  const pass = { kind: "lab", channels: ["R", "G", "B"], integers: [] } as const
  const painting = labPainting({ ...pass, lab: { ...file, isSigned: false, white } })
  const into = [0, 1, 2].map(() => new Float32Array(1))
  const row = codesOf(lab, file).map((code) => Float32Array.of(code / (2 ** file.bits - 1)))
  painting.paint(row, into)
  const [red = 0, green = 0, blue = 0] = into.map(([code = 0]) => 255 * code)
  return [red, green, blue]
}

const STORED = (["cie", "icc"] as const).flatMap((encoding) => ([8, 16] as const).map((bits) => ({ encoding, bits })))

describe.each(STORED)("$encoding Lab of $bits bits", (file) => {
  it.each(COLORCHECKER)("has the colour of %s that littleCMS sees", (_, lab, srgb) => {
    expect(distance(painted(lab, file), srgb)).toBeLessThanOrEqual(4)
  })

  it("reaches from black to white, and clips what sRGB has not", () => {
    near(painted([0, 0, 0], file), [0, 0, 0], 0.1)
    near(painted([100, 0, 0], file), [255, 255, 255], 0.1)
    expect(painted([50, -128, 100], file)[0]).toBe(0)
    expect(painted([90, 100, 100], file)[0]).toBe(255)
  })
})

it("Lab under another white is adapted to it: neutral stays neutral", () => {
  const [red, green, blue] = painted([50, 0, 0], { encoding: "cie", bits: 16 }, [0.4476, 0.4074])
  near([red, green, blue], [118.9, 118.9, 118.9], 0.5)
})

describe("the colour space of a Lab TIFF", () => {
  const bytes = (more: LabFile["more"] = []) => labFile({ encoding: "icc", bits: 8, quadrants: [], more })

  it("is what the file says, whatever a setting says: a finished picture", () => {
    const { colorspace, warnings } = readingOf(bytes(), "a_logc3.tif")
    expect(colorspace).toMatchObject({ name: "ICCLab", encoding: "display", rule: "tiff-samples" })
    expect(colorspace.evidence).toBe(
      "The TIFF holds ICCLab of 8 bits under D50: a finished picture, converted to sRGB.",
    )
    expect(warnings).toEqual([])
  })

  it("has the white that the header states", () => {
    const stated = readingOf(bytes([[318, 5, [3127, 10_000, 3290, 10_000]]]), "a.tif")
    expect(stated.colorspace.evidence).toContain("under the white 0.3127, 0.3290 of its header")
    expect(stated.pass?.lab?.white).toEqual([0.3127, 0.329])
  })

  it("is under D50, with a warning, where the stated white is no light's", () => {
    const stated = readingOf(bytes([[318, 5, [0, 1, 0, 0]]]), "a.tif")
    expect(stated.colorspace.evidence).toContain("under D50")
    expect(stated.warnings).toEqual([expect.stringContaining("WhitePoint")])
  })
})

const SHOWN = ["dark skin", "foliage", "blue flower", "moderate red"].map((wanted) => {
  const [, lab, srgb] = COLORCHECKER.find(([name]) => name === wanted) ?? ["", [0, 0, 0], [0, 0, 0]]
  return { lab, srgb }
})
const quadrants = SHOWN.map(({ lab }) => lab)
const CENTRES = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const))

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

/** BT.709 of 8 bits, narrow range. */
function rgbOf([y, cb, cr]: Triple): Triple {
  const [luma, blue, red] = [((y - 16) * 255) / 219, ((cb - 128) * 255) / 224, ((cr - 128) * 255) / 224]
  return [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue]
}

describeEach("a Lab TIFF is shown in its colours", () => {
  const show = async (file: Omit<LabFile, "quadrants">, asked: Parameters<typeof shownPass>[2] = {}) => {
    await writeFile(join(fixture.folder, "lab.tif"), labFile({ ...file, quadrants }))
    return shownPass(fixture, "lab.tif", asked)
  }

  it.each<readonly [string, Omit<LabFile, "quadrants">]>([
    ["CIELab of 8 bits", { encoding: "cie", bits: 8 }],
    ["CIELab of 8 bits, LZW", { encoding: "cie", bits: 8, compression: "lzw" }],
    [
      "CIELab of 16 bits, PackBits, big-endian",
      { encoding: "cie", bits: 16, compression: "packbits", bigEndian: true },
    ],
    ["CIELab of 8 bits that are called signed", { encoding: "cie", bits: 8, more: [[339, 3, [2, 2, 2]]] }],
    ["CIELab of 16 bits that are called signed", { encoding: "cie", bits: 16, more: [[339, 3, [2, 2, 2]]] }],
    ["ICCLab of 8 bits in tiles", { encoding: "icc", bits: 8, tiled: true }],
    ["ICCLab of 16 bits in tiles, Deflate", { encoding: "icc", bits: 16, tiled: true, compression: "zip" }],
    [
      "ICCLab that lies elsewhere on its page",
      {
        encoding: "icc",
        bits: 16,
        more: [
          [286, 5, [4, 1]],
          [287, 5, [4, 1]],
        ],
      },
    ],
  ])("%s", async (_, file) => {
    const { at, made } = await show(file)
    const movie = await decodeMovie(fixture, made.files.proxy.path)
    const { x, y, width, height } = made.files.proxy.picture
    for (const [place, [right, down]] of CENTRES.entries()) {
      const { srgb } = SHOWN[place] ?? { srgb: [0, 0, 0] }
      near(at(right, down), srgb, 4)
      near(rgbOf(movie.at(x + Math.floor(width * right), y + Math.floor(height * down))), srgb, 4)
    }
  })

  it("the right way up", async () => {
    const { at } = await show({ encoding: "icc", bits: 8, more: [[274, 3, [3]]] })
    near(at(0.75, 0.75), [116, 81, 68], 4)
  })

  it("over black where alpha says so", async () => {
    const { at } = await show({ encoding: "cie", bits: 16, alpha: 0.5 })
    near(at(0.25, 0.25), [58, 41, 34], 4)
  })

  it("as black where it is black", async () => {
    await writeFile(join(fixture.folder, "black.tif"), labFile({ encoding: "icc", bits: 8, quadrants: [] }))
    const { made } = await shownPass(fixture, "black.tif")
    expect(made.allBlack).toBe(true)
  })

  it("one of its colours as grey where that is chosen", async () => {
    const { at } = await show({ encoding: "icc", bits: 16 }, { choice: { channels: ["R"] } })
    near(at(0.25, 0.25), [116, 116, 116], 4)
  })
})
