import { readFile } from "node:fs/promises"
import { expect, it } from "vitest"
import { CHART, CHART_WINDOW, seen } from "./testing/chart.ts"
import { decodeJpeg, distance, type EngineFixture, eachEngine, pixel } from "./testing/engine-fixture.ts"
import { boxOf, type ReadingParts, reading } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const UPRIGHT = ["red", "green", "blue", "white"]
const both = (quadrants: string[]) => ({ thumbnail: quadrants, proxy: quadrants })
const parts = (selection: ReadingParts["selection"] = {}, colorspace: ReadingParts["colorspace"] = {}) =>
  reading({ selection: { ...CHART_WINDOW, ...selection }, colorspace })
type Parts = [ReadingParts["selection"]?, ReadingParts["colorspace"]?]
const display = { configSpace: "srgb_tx", encoding: "display" }

describeEach("a picture is neither black nor shifted", () => {
  it.each<[string, string, readonly string[], Parts]>([
    ["scan-line EXR", "plain.exr", [], []],
    ["tiled EXR, whose tiles ffmpeg would decode to black", "tiled.exr", ["--tile", "32", "32"], [{ tiled: true }]],
    ["deep EXR", "deep.exr", ["--ch", "R,G,B,A=1.0,Z=1.0", "--deepen"], [{ deep: true }]],
    ["layer of an EXR", "layer.exr", ["--chnames", "b.R,b.G,b.B"], [{ channels: ["b.R", "b.G", "b.B"] }]],
    ["X, Y, Z as colour", "xyz.exr", ["--chnames", "X,Y,Z"], [{ channels: ["X", "Y", "Z"] }]],
    ["second part of an EXR", "parts.exr", secondPart(), [{ part: 1, partName: "beauty" }]],
    ["display window away from the origin", "away.exr", away(), [awayWindows()]],
    ["tiled TIFF", "tiled.tif", ["-d", "uint8", "--tile", "32", "32"], [{ format: "tiff", tiled: true }, display]],
    [
      "TIFF with an offset on paper",
      "paper.tif",
      ["-d", "uint8", "--origin", "+40+20", "--fullpixels"],
      [{ format: "tiff" }, display],
    ],
    ["10-bit DPX", "ten.dpx", ["-d", "uint10"], [{ format: "dpx" }, { ...display, configSpace: "rec709_video" }]],
  ])("in a %s", async (_, file, options, [selection, colorspace]) => {
    await fixture.oiiotool(...CHART, ...options, "-o", file)
    expect(await seen(fixture, (await fixture.render(file, parts(selection, colorspace))).files)).toEqual(both(UPRIGHT))
  })

  it("in a DPX with the short header that ffmpeg writes", async () => {
    await fixture.oiiotool(...CHART, "-d", "uint8", "-o", "chart.png")
    await fixture.ffmpeg("-loglevel", "error", "-y", "-i", "chart.png", "-pix_fmt", "gbrp10be", "short.dpx")
    expect((await readFile(`${fixture.folder}/short.dpx`)).readUInt32BE(4)).toBeLessThan(2048)
    const made = await fixture.render(
      "short.dpx",
      parts({ format: "dpx" }, { ...display, configSpace: "rec709_video" }),
    )
    expect(await seen(fixture, made.files)).toEqual(both(UPRIGHT))
  })

  it("in a TIFF that lies on its side", async () => {
    await fixture.oiiotool(...CHART, "-d", "uint8", "--orientation", "6", "-o", "side.tif")
    const made = await fixture.render("side.tif", parts({ format: "tiff", orientation: 6 }, display))
    expect(await seen(fixture, made.files)).toEqual(both(["blue", "red", "white", "green"]))
    expect(made.files.proxy.picture).toEqual({ x: 218, y: 0, width: 202, height: 360 })
    expect(made.files.thumbnail.picture).toEqual({ x: 56, y: 0, width: 144, height: 256 })
  })

  it("in a TIFF with alpha, whose colours stay as they are over black", async () => {
    const colour = ["--pattern", "constant:color=0.251,0.251,0.251,0.5", "64x64", "4"]
    await fixture.oiiotool(...colour, "-d", "uint8", "-o", "alpha.tif")
    const made = await fixture.render("alpha.tif", square(64, { format: "tiff" }, display))
    expect(distance(pixel(await decodeJpeg(made.files.thumbnail.path), 128, 128), [64, 64, 64])).toBeLessThanOrEqual(1)
  })

  it.each(["Y", "G"])("in an EXR with channel %s alone, shown as grey", async (channel) => {
    await fixture.oiiotool("--pattern", "constant:color=0.5", "64x64", "1", "--chnames", channel, "-o", "one.exr")
    const made = await fixture.render("one.exr", square(64, { channels: [channel, channel, channel] }))
    expect(distance(pixel(await decodeJpeg(made.files.thumbnail.path), 128, 128), [188, 188, 188])).toBeLessThanOrEqual(
      1,
    )
    expect(made.allBlack).toBe(false)
  })
})

describeEach("a black picture", () => {
  it("is refused when a channel was asked for that the file does not have", async () => {
    await fixture.oiiotool(...CHART, "-o", "rgb.exr")
    const result = await fixture.tryRender("rgb.exr", parts({ channels: ["Q", "Q", "Q"] }))
    expect(!result.ok && result.failure.kind).toBe("permanent")
    expect(!result.ok && result.failure.code).toMatch(/^(tool\/failed|picture\/no-displayable-channels)$/)
  })

  it("is right when the source has no light, or none inside the display window", async () => {
    await fixture.oiiotool("--pattern", "constant:color=0,0,0", "64x64", "3", "-o", "dark.exr")
    expect(await fixture.render("dark.exr", square(64))).toMatchObject({ allBlack: true })
    await fixture.oiiotool(...CHART, "--fullsize", "160x90+500+500", "-o", "outside.exr")
    const displayWindow = { xMin: 500, yMin: 500, xMax: 659, yMax: 589 }
    expect(await fixture.render("outside.exr", parts({ displayWindow }))).toMatchObject({ allBlack: true })
  })
})

function square(edge: number, selection: ReadingParts["selection"] = {}, colorspace: ReadingParts["colorspace"] = {}) {
  return reading({
    selection: { displayWindow: boxOf(edge, edge), dataWindow: boxOf(edge, edge), ...selection },
    colorspace,
  })
}

/** Part 0 is black, so that taking the wrong one shows. */
function secondPart(): readonly string[] {
  const dark = ["--pattern", "constant:color=0,0,0", "160x90", "3", "--sattrib", "oiio:subimagename", "dark"]
  return ["--sattrib", "oiio:subimagename", "beauty", ...dark, "--swap", "--siappend"]
}

/** The chart inside a larger data window, whose rest must not be shown. */
function away(): readonly string[] {
  return ["--origin", "+300-200", "--crop", "400x300+200-300", "--fullsize", "160x90+300-200"]
}

function awayWindows(): ReadingParts["selection"] {
  return {
    dataWindow: { xMin: 200, yMin: -300, xMax: 599, yMax: -1 },
    displayWindow: { xMin: 300, yMin: -200, xMax: 459, yMax: -111 },
  }
}
