import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { countingPart, single, type WrittenPart, writtenExr } from "../samples/exr/testing/written-exr.ts"
import { DISPLAY_CODES, PATTERN_CODES, PATTERN_LIGHT, patternArgs, shownPattern, worst } from "../testing/pattern.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

/** Whatever is not the picture: taken for it, or mixed into it, it shows. */
const OTHER = ["--pattern", "constant:color=0.9,0.9,0", "48x16", "3"]
const OTHER_LIKE = ["--pattern", "constant:color=0.9,0.9,0", "64x64", "3"]
const named = (name: string): readonly string[] => ["--sattrib", "oiio:subimagename", name]
const deep = (name: string): readonly string[] => ["--ch", "R,G,B,A=1.0,Z=1.0", "--deepen", ...named(name)]
const light = patternArgs("light")
const codes = patternArgs("display")

describeEach("one image of a file is its picture", () => {
  it.each<[string, string, readonly string[]]>([
    ["mip-mapped EXR that is read here", "mip.exr", [...light, "-d", "half", "--compression", "zip", "-otex"]],
    ["mip-mapped EXR that is converted", "mipdwaa.exr", [...light, "-d", "half", "--compression", "dwaa", "-otex"]],
    [
      "second part of several",
      "parts.exr",
      [...OTHER_LIKE, ...named("depth"), ...light, ...named("beauty"), "--siappend", "--compression", "pxr24", "-o"],
    ],
    [
      "first of two deep parts",
      "deep-first.exr",
      [...light, ...deep("rgba.left"), ...OTHER_LIKE, ...deep("rgba.right"), "--siappend", "-o"],
    ],
    [
      "third of three deep parts",
      "deep-third.exr",
      [
        ...[...OTHER_LIKE, ...deep("depth"), ...OTHER_LIKE, ...deep("flow"), "--siappend"],
        ...[...light, ...deep("beauty"), "--siappend", "-o"],
      ],
    ],
    ["single deep part with a name", "deep-one.exr", [...light, ...deep("rgba"), "-o"]],
  ])("in a %s", async (_, file, args) => {
    await fixture.oiiotool(...args, file)
    expect(worst((await shownPattern(fixture, file)).codes, PATTERN_CODES)).toBeLessThanOrEqual(4)
  })

  it.each<[string, string, readonly string[]]>([
    ["mip-mapped TIFF", "mip.tif", [...codes, "-d", "uint8", "-otex"]],
    ["TIFF whose second page has another size", "pages.tif", [...codes, ...OTHER, "--siappend", "-d", "uint8", "-o"]],
    [
      "TIFF whose second page has other samples",
      "kinds.tif",
      [...codes, "-d", "uint8", "--pattern", "constant:color=0.9", "64x64", "1", "--siappend", "-o"],
    ],
  ])("in a %s", async (_, file, args) => {
    await fixture.oiiotool(...args, file)
    expect(worst((await shownPattern(fixture, file)).codes, DISPLAY_CODES)).toBeLessThanOrEqual(4)
  })

  it.each(["mipmap", "ripmap"] as const)("in a %s with tiles of odd sizes", async (levels) => {
    const file = writtenExr(single(patternPart({ width: 24, height: 7, levels })))
    await writeFile(join(fixture.folder, `${levels}.exr`), file)
    const { codes: shown, made } = await shownPattern(fixture, `${levels}.exr`)
    expect(worst(shown, PATTERN_CODES)).toBeLessThanOrEqual(4)
    expect(made.route).toMatch(fixture.name === "oiiotool" ? /^oiiotool/ : /^in-process/)
  })

  it("in a TIFF of thirty pages, with room for one", async () => {
    const pages = Array.from({ length: 29 }, () => [...OTHER_LIKE, "--siappend"]).flat()
    await fixture.oiiotool(...codes, ...pages, "-d", "uint8", "--compression", "none", "-o", "many.tif")
    expect(worst((await shownPattern(fixture, "many.tif")).codes, DISPLAY_CODES)).toBeLessThanOrEqual(4)
  })

  it.each(["a,b.", "a=b.", "a:b.", "5.", "Infra.", "0x.", '"a".', "{x}.", "ümläut.", " .", "--i.", "a%04d."])(
    "in a layer that is called %j, read here and converted",
    async (prefix) => {
      const part = patternPart(null)
      const channels = part.channels.map((channel) => ({ ...channel, name: prefix + channel.name }))
      const sorted = [...channels, { ...depth(), name: "Z" }].sort((a, b) => (a.name < b.name ? -1 : 1))
      const own = writtenExr(single({ ...part, channels: sorted }))
      await writeFile(join(fixture.folder, "own.exr"), own)
      expect(worst((await shownPattern(fixture, "own.exr")).codes, PATTERN_CODES)).toBeLessThanOrEqual(4)
      await fixture.oiiotool("--wildcardoff", "--evaloff", "own.exr", "--compression", "dwaa", "-o", "foreign.exr")
      expect(worst((await shownPattern(fixture, "foreign.exr")).codes, PATTERN_CODES)).toBeLessThanOrEqual(4)
    },
  )
})

const WINDOW = { xMin: 0, yMin: 0, xMax: 63, yMax: 63 }

/** The pattern as floats. */
function patternPart(tiles: WrittenPart["tiles"]): WrittenPart {
  const part = countingPart({ dataWindow: WINDOW, pixelType: "float", tiles })
  return { ...part, channels: part.channels.map((channel, index) => ({ ...channel, samples: samplesOf(2 - index) })) }
}

const depth = () =>
  ({
    ...patternPart(null).channels[0],
    samples: new Uint32Array(64 * 64).fill(0x3f800000),
  }) as WrittenPart["channels"][number]

/** Bits of one colour of the pattern, row after row. */
function samplesOf(colour: number): Uint32Array {
  const values = Float32Array.from({ length: 64 * 64 }, (_, at) => {
    const quadrant = (at >= 32 * 64 ? 2 : 0) + (at % 64 >= 32 ? 1 : 0)
    return PATTERN_LIGHT[quadrant]?.[colour] ?? 0
  })
  return new Uint32Array(values.buffer)
}
