import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { corpusFolder, openStudio, type Studio } from "../engine/testing/studio.ts"
import { planPictureOf } from "./testing/corpus-plans.ts"
import { byPixelPath, byRecipe, dumpedReader, psnrOf } from "./testing/oracle.ts"

const corpus = await corpusFolder()
if (corpus === null) process.stderr.write("The shared corpus is not on this machine: its pixel tests are skipped.\n")

let studio: Studio
beforeAll(async () => {
  studio = await openStudio()
})
afterAll(() => studio.close())

const SUBSAMPLED = /_YC/

describe.skipIf(corpus === null)("the pixel path against the recipe, before encoding", () => {
  const names = [
    ...["Beachball/multipart.0001", "Beachball/multipart.0006", "Beachball/singlepart.0008"],
    ...["Chromaticities/Rec709", "Chromaticities/XYZ", "ScanLines/Carrots", "ScanLines/CandleGlass"],
    ...[1, 2, 5, 7, 9, 12, 13, 14, 15, 16].map((number) => `DisplayWindow/t${String(number).padStart(2, "0")}`),
    ...["ScanLines/Cannon", "ScanLines/MtTamWest", "TestImages/WideColorGamut", "TestImages/GrayRampsHorizontal"],
  ].map((name) => `openexr-images/${name}.exr`)
  const others = [
    "dpx/dpx_nuke_10bits_rgb.dpx",
    "libtiffpic/quad-tile.tif",
    "libtiffpic/depth/flower-rgb-contig-16.tif",
  ]
  const all = [...names, ...others.map((name) => `OpenImageIO-images/${name}`)]

  it.each(all.filter((name) => !SUBSAMPLED.test(name)))("%s is the same picture", async (name) => {
    const source = join(corpus ?? "", name)
    const plan = await planPictureOf(source)
    const oracle = await byRecipe(studio, plan, source)
    const made = byPixelPath(await dumpedReader(studio, plan, source), plan)
    const dB = {
      proxy: psnrOf(made.proxyRgb16 ?? [], oracle.proxy.samples, 65_535),
      thumbnail: psnrOf(made.thumbnailRgb, oracle.thumbnail.samples, 255),
    }
    expect(dB.proxy).toBeGreaterThanOrEqual(60)
    expect(dB.thumbnail).toBeGreaterThanOrEqual(50)
  })
})
