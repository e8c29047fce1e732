import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { appliedLook, layOutLook } from "../looks/apply.ts"
import { openLookBytes } from "../looks/look.ts"
import { type LookRequest, lookOf } from "../looks/read-look.ts"
import { CDL, ccText, cubeText } from "../looks/testing/look-texts.ts"
import { bakeLook } from "../pixels/bake.ts"
import { floatsOf, floatTiff } from "../pixels/plain-tiff.ts"
import { inputOf, looksOf, type OutputLook, type ReadyLook } from "../pixels/plan.ts"
import { interleavedReader } from "../pixels/testing/interleaved.ts"
import { lutBakerIn } from "../pixels/testing/lut-baker.ts"
import { byPixelPath, byRecipe, CONFIG, compare, layOutConfig } from "../pixels/testing/oracle.ts"
import type { PicturePlan } from "./plan.ts"
import { type EngineFixture, openEngineFixture } from "./testing/engine-fixture.ts"
import { boxOf, bundledConfig, planOf } from "./testing/readings.ts"

const WIDTH = 320
const HEIGHT = 180
const window = { displayWindow: boxOf(WIDTH, HEIGHT), dataWindow: boxOf(WIDTH, HEIGHT) }

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
  await layOutConfig(fixture)
  const samples = rainbow() as Float32Array<ArrayBuffer>
  await writeFile(join(fixture.folder, "rainbow.tif"), floatTiff({ width: WIDTH, height: HEIGHT, samples }))
  await fixture.oiiotool("rainbow.tif", "-d", "float", "--compression", "none", "--scanline", "-o", "rainbow.exr")
})
afterAll(() => fixture.close())

/** Every hue from grey to nearly pure, from eight stops below white to four above it. */
function rainbow(): Float32Array {
  return Float32Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
    const hue = 0.5 + 0.5 * Math.cos((2 * Math.PI * (3 * x)) / WIDTH - ((at % 3) * 2 * Math.PI) / 3)
    return 2 ** (12 * (y / HEIGHT) - 8) * (1 - 0.95 * (x / WIDTH) * hue)
  })
}

/** The plan of the rainbow with a look; configs have their short names, from which tools find them in the fixture. */
async function planWith(name: string, text: string, asked: Partial<LookRequest>, view: string): Promise<PicturePlan> {
  const outcome = lookOf(Buffer.from(text), { name, space: null, output: null, id: null, ...asked }, () => ({
    problem: "is unread",
  }))
  if ("problem" in outcome) throw new Error(outcome.problem)
  const [held, bundled] = [openLookBytes(), await bundledConfig()]
  held.hold(outcome.read)
  const look = appliedLook(outcome.read.look, { config: bundled, linearSpace: "lin_rec709", bundled }, held)
  if (!look.ok) throw new Error(look.failure.says)
  return { ...(await planOf({ selection: window, colorspace: { look: view } })), look: look.value }
}

/** A look is baked in a folder of its own, from where the config needs its whole path. */
async function baked(request: OutputLook): Promise<ReadyLook> {
  if (request.kind === "curve" || request.look === undefined) throw new Error("The look is no table.")
  const configPath = join(fixture.folder, CONFIG)
  const steps = request.look.steps.map((step) => ({
    ...step,
    from: { ...step.from, configPath },
    to: { ...step.to, configPath },
  }))
  const codes = request.look.codes && { ...request.look.codes, configPath }
  const made = await bakeLook(
    { ...request, configPath, look: { ...request.look, steps, codes } },
    await lutBakerIn(fixture),
  )
  if (!made.ok) throw new Error(made.failure.says)
  return made.value
}

const showLut = cubeText(33, ([r, g, b]) => [r ** 1.4, g ** 1.5, 0.1 + 0.9 * b ** 1.6])

describe("the table of a look file and a view", () => {
  it.each<readonly [string, string, string, Partial<LookRequest>, string]>([
    ["a correction before the plain conversion", "a.cc", ccText(CDL), {}, "un-tone-mapped"],
    ["a correction before the ACES view", "a.cc", ccText(CDL), {}, "aces-sdr"],
    ["a show LUT", "show.cube", showLut, { space: "LogC3", output: "rec709_video" }, "un-tone-mapped"],
  ])(
    "is at 50 dB or better to oiiotool for %s, over all hues and twelve stops",
    async (_, ...[name, text, asked, view]) => {
      const plan = await planWith(name, text, asked, view)
      const requests = looksOf(plan, inputOf(plan, CONFIG), CONFIG)
      const looks = { proxy: await baked(requests.proxy), thumbnail: await baked(requests.thumbnail) }
      const samples = floatsOf(await readFile(join(fixture.folder, "rainbow.tif")))
      if (samples === null || plan.look === null) throw new Error("There is nothing to compare.")
      await layOutLook(fixture.folder, plan.look)
      const made = byPixelPath(interleavedReader(samples), plan, looks)
      const { proxyDb, thumbnailDb } = compare(made, await byRecipe(fixture, plan, "rainbow.exr"), plan)
      expect(proxyDb).toBeGreaterThanOrEqual(50)
      expect(thumbnailDb).toBeGreaterThanOrEqual(50)
    },
  )
})
