import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { corpusFolder, type EngineFixture, openEngineFixture } from "../engines/testing/engine-fixture.ts"
import type { PixelPictures } from "./pictures.ts"
import { type CorpusPlan, corpusPlan } from "./testing/corpus-plans.ts"
import { byPixelPath, byRecipe, type Compared, compare, dumpedReader } from "./testing/oracle.ts"
import { ownReader } from "./testing/own-reader.ts"

const corpus = await corpusFolder()
if (corpus === null) process.stderr.write("The shared corpus is not on this machine: its pixel tests are skipped.\n")

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

/** All whole files of the collections but those that only we can read. */
const files = corpus === null ? [] : await readdir(corpus, { recursive: true })
const COMPARED = files
  .filter((name) => /\.(exr|dpx|tif)$/.test(name) && !/Damaged|_YC|NanInf|AllHalf/.test(name))
  .sort()
const DPX = "OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx"

async function compared(name: string, parts: CorpusPlan = {}): Promise<Compared & { made: PixelPictures }> {
  const source = join(corpus ?? "", name)
  const plan = await corpusPlan(source, parts)
  const reader = ownReader(await readFile(source), source, plan) ?? (await dumpedReader(fixture, plan, source))
  const made = byPixelPath(reader, plan)
  return { made, ...compare(made, await byRecipe(fixture, plan, source), plan) }
}

describe.skipIf(corpus === null)("the pixel path against the recipe, before encoding", () => {
  it.each(COMPARED)("%s is the same picture", async (name) => {
    const { proxyDb, thumbnailDb } = await compared(name)
    expect(proxyDb).toBeGreaterThanOrEqual(100)
    expect(thumbnailDb).toBeGreaterThanOrEqual(70)
  })

  it.each(["KodakLog", "LogC3", "SLog3_SGamut3", "SLog3_SGamut3Cine", "VLog", "Log3G10", "ACEScct"])(
    "a DPX in %s is made linear first, exactly",
    async (inputSpace) => {
      const { proxyDb, thumbnailDb } = await compared(DPX, { colour: { inputSpace } })
      expect(proxyDb).toBeGreaterThanOrEqual(85)
      expect(thumbnailDb).toBeGreaterThanOrEqual(60)
    },
  )

  it.each([2, 3, 4, 5, 6, 7, 8])("orientation %i stands upright", async (orientation) => {
    const { proxyDb, thumbnailDb } = await compared(DPX, { selection: { orientation } })
    expect(proxyDb).toBeGreaterThanOrEqual(100)
    expect(thumbnailDb).toBeGreaterThanOrEqual(70)
  })

  it("NaN and infinite samples are counted and throw no shadow", async () => {
    const { made, proxyDb, thumbnailDb } = await compared("openexr-images/TestImages/BrightRingsNanInf.exr")
    expect(made.nonFiniteCount).toBe(18)
    expect(proxyDb).toBeGreaterThanOrEqual(40)
    expect(thumbnailDb).toBeGreaterThanOrEqual(40)
  })

  it("a file of all half numbers has its non-finite ones counted in every channel", async () => {
    const { made } = await compared("openexr-images/TestImages/AllHalfValues.exr")
    expect(made.nonFiniteCount).toBe(3 * (2 * 1023 + 2))
  })

  it.each(["09", "12"])("DisplayWindow/t%s, outside its display window, is rightly black", async (number) => {
    const { made } = await compared(`openexr-images/DisplayWindow/t${number}.exr`)
    expect(made.allBlack).toBe(true)
    expect(made.canvases.thumbnail.every((value) => value === 0)).toBe(true)
  })
})
