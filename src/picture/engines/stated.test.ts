import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createFile, MP4BoxBuffer } from "mp4box"
import sharp from "sharp"
import { expect, it } from "vitest"
import { readIcc } from "../read/colour/icc.ts"
import { namedSpace } from "../read/colour/stated-light.ts"
import { parseOcioConfig } from "./ocio-text.ts"
import { type PicturePlan, plannedOutputs } from "./plan.ts"
import { decodeJpeg, distance, type EngineFixture, eachEngine, pixel } from "./testing/engine-fixture.ts"
import { boxOf, planOf, type ReadingParts, reading } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const shownAs = (plan: PicturePlan) =>
  Object.fromEntries(plannedOutputs(plan).map(({ name, colorspace }) => [name, colorspace]))

const SIZE = 1024
const window = { displayWindow: boxOf(SIZE, SIZE), dataWindow: boxOf(SIZE, SIZE) }
const scan: ReadingParts = {
  selection: { format: "tiff", ...window },
  colorspace: { configSpace: "srgb_tx", encoding: "display" },
}

/** Black and white squares of one pixel: half the light, which is code 188. */
async function lineArt(file: string, ...options: readonly string[]): Promise<string> {
  const squares = "checker:color1=0,0,0:color2=1,1,1:width=1:height=1"
  await fixture.oiiotool("--pattern", squares, `${SIZE}x${SIZE}`, "3", ...options, "-o", file)
  return file
}

describeEach("the outputs", () => {
  it("say what they are: JFIF, sRGB, square pixels", async () => {
    const {
      files: { thumbnail, proxy },
    } = await fixture.render(await lineArt("art.tif", "-d", "uint8"), reading(scan))
    const jpeg = await readFile(thumbnail.path)
    expect(jpeg.toString("latin1", 2, 11)).toBe("\xff\xe0\x00\x10JFIF\x00")
    const { icc, exif } = await sharp(jpeg).metadata()
    // ColorSpace (40961), a short: 1 is sRGB.
    const saysExif = exif?.toString("latin1").includes("\x01\xa0\x03\x00\x01\x00\x00\x00\x01\x00") ?? false
    const light = icc === undefined ? null : (readIcc(icc)?.light ?? null)
    const saysIcc = light !== null && namedSpace(light) === "srgb_tx"
    expect(saysExif || saysIcc).toBe(true)
    const bytes = await readFile(proxy.path)
    const movie = createFile()
    movie.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0))
    movie.flush()
    const entry = movie.moov?.traks[0]?.mdia.minf.stbl.stsd.entries[0] as unknown as {
      readonly boxes?: readonly { readonly type: string; readonly hSpacing?: number; readonly vSpacing?: number }[]
    }
    expect(entry.boxes?.find(({ type }) => type === "pasp")).toMatchObject({ hSpacing: 1, vSpacing: 1 })
    const said = await fixture.ffmpeg("-i", proxy.path, "-f", "null", "-")
    expect(said).toContain("[SAR 1:1 DAR 16:9]")
  })

  it("show white paper as bright as it is, where a source is display-referred", async () => {
    const {
      files: { thumbnail },
    } = await fixture.render(await lineArt("paper.tif", "-d", "uint8"), reading(scan))
    const shown = pixel(await decodeJpeg(thumbnail.path), 128, 128)
    expect(distance(shown, [188, 188, 188]), `${shown}`).toBeLessThanOrEqual(2)
  })

  it("are named for the display that they were made for, where that is a facility's own", async () => {
    const text = await readFile(new URL("../proxy.ocio", import.meta.url), "utf8")
    const theirs = text
      .replaceAll(/^( {2})(Rec1886|Rec709-camera):/gm, "$1Projector-$2:")
      .replaceAll(/^ {2}sRGB:/gm, "  Wall:")
    const path = join(fixture.folder, "theirs.ocio")
    await writeFile(path, theirs)
    const config = parseOcioConfig(path, theirs)
    if (config === null) throw new Error("The config is none.")
    const plan = await planOf({ config })
    expect(shownAs(plan)).toEqual({ thumbnail: "Wall", proxy: "Wall" })
    expect(shownAs(await planOf({}))).toEqual({ thumbnail: "sRGB", proxy: "Rec709" })
    const kept = await planOf({ colorspace: { configSpace: "Wall codes", encoding: "display" } })
    expect(shownAs(kept)).toEqual({ thumbnail: "Wall codes", proxy: "Wall codes" })
    const ours = await planOf({ colorspace: { configSpace: "g22_adobergb", encoding: "display" } })
    expect(shownAs(ours)).toEqual({ thumbnail: "sRGB", proxy: "Rec709" })
  })
})
