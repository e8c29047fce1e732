import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { corpusFolder, type EngineFixture, openEngineFixture } from "../engines/testing/engine-fixture.ts"
import { planOf } from "../engines/testing/readings.ts"
import { bakeLook, checkLook, lookKey } from "./bake.ts"
import { type BakeRequest, inputOf, looksOf, type OutputLook, type ReadyLook } from "./plan.ts"
import { corpusPlan } from "./testing/corpus-plans.ts"
import { lutBakerIn } from "./testing/lut-baker.ts"
import { byPixelPath, byRecipe, CONFIG, compare, dumpedReader, layOutConfig } from "./testing/oracle.ts"
import type { LutBaker } from "./through-config.ts"

const corpus = await corpusFolder()

let fixture: EngineFixture
let baker: LutBaker
beforeAll(async () => {
  fixture = await openEngineFixture()
  await layOutConfig(fixture)
  baker = await lutBakerIn(fixture)
})
afterAll(() => fixture.close())

/** The config where the run finds it: in the fixture's folder. */
const here = (request: OutputLook): BakeRequest => {
  if (request.kind !== "bake") throw new Error("Nothing to bake.")
  return { ...request, configPath: join(fixture.folder, CONFIG) }
}

async function baked(request: OutputLook): Promise<ReadyLook> {
  const look = await bakeLook(here(request), baker)
  if (!look.ok) throw new Error(look.failure.says)
  return look.value
}

describe("baked looks", () => {
  it("ACES SDR is off by less than half a code of 8 bits in the mean, and says by how much at most", async () => {
    const { thumbnail } = looksOf(
      await planOf({ colorspace: { look: "aces-sdr" } }),
      { curve: null, matrix: [] },
      CONFIG,
    )
    const look = await baked(thumbnail)
    expect(look.kind).toBe("lut")
    const checked = await checkLook(here(thumbnail), look, baker)
    if (!checked.ok) throw new Error(checked.failure.says)
    expect(checked.value.mean).toBeLessThan(0.5 / 255)
    expect(checked.value.largest).toBeGreaterThan(checked.value.mean)
    expect(checked.value.largest).toBeLessThan(0.2)
    expect(checked.value.samples).toBeGreaterThan(40_000)
  })

  it("a plain conversion is recognised as such and stays exact", async () => {
    const { thumbnail } = looksOf(await planOf({ colorspace: { look: "aces-sdr" } }), null, CONFIG)
    for (const display of ["sRGB", "Rec1886", "Rec709-camera"]) {
      const request = { ...here(thumbnail), to: { display, view: "Un-tone-mapped" } }
      const look = await baked(request)
      expect(look.kind).toBe("curve")
      const checked = await checkLook(request, look, baker)
      expect(checked.ok && checked.value.largest).toBeLessThan(1e-4)
    }
  })

  it("another config or view is another look", async () => {
    const { thumbnail, proxy } = looksOf(await planOf({ colorspace: { look: "aces-sdr" } }), null, CONFIG)
    const [one, other] = [here(thumbnail), here(proxy)]
    const keys = [lookKey(one, "a"), lookKey(one, "b"), lookKey(other, "a"), lookKey({ ...one, from: "x" }, "a")]
    expect(new Set(keys).size).toBe(4)
    expect(lookKey({ ...one, configPath: "/elsewhere" }, "a")).toBe(keys[0])
  })

  it("a view that the config lacks is a failure, not a picture", async () => {
    const { thumbnail } = looksOf(await planOf({ colorspace: { look: "aces-sdr" } }), null, CONFIG)
    const look = await bakeLook({ ...here(thumbnail), to: { display: "sRGB", view: "no such view" } }, baker)
    expect(look.ok).toBe(false)
  })

  it.skipIf(corpus === null).each(["Chromaticities/Rec709", "ScanLines/Carrots", "Beachball/multipart.0001"])(
    "%s under ACES SDR is close to the recipe's picture",
    async (name) => {
      const source = join(corpus ?? "", `openexr-images/${name}.exr`)
      const plan = await corpusPlan(source, { colour: { look: "aces-sdr" } })
      const requests = looksOf(plan, inputOf(plan, CONFIG), CONFIG)
      const looks = { proxy: await baked(requests.proxy), thumbnail: await baked(requests.thumbnail) }
      const made = byPixelPath(await dumpedReader(fixture, plan, source), plan, looks)
      const { proxyDb, thumbnailDb } = compare(made, await byRecipe(fixture, plan, source), plan)
      expect(proxyDb).toBeGreaterThanOrEqual(50)
      expect(thumbnailDb).toBeGreaterThanOrEqual(50)
    },
  )
})
