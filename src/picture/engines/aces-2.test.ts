import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bakeLook } from "../pixels/bake.ts"
import { floatsOf, floatTiff } from "../pixels/plain-tiff.ts"
import { inputOf, looksOf, type ReadyLook } from "../pixels/plan.ts"
import { interleavedReader } from "../pixels/testing/interleaved.ts"
import { lutBakerIn } from "../pixels/testing/lut-baker.ts"
import { byPixelPath, byRecipe, CONFIG, compare } from "../pixels/testing/oracle.ts"
import { openSetup, type Setup } from "./setup.ts"
import {
  decodeJpeg,
  distance,
  ENGINE_NAMES,
  type EngineFixture,
  openEngineFixture,
  pixel,
  type Triple,
} from "./testing/engine-fixture.ts"
import { boxOf, planOf, reading } from "./testing/readings.ts"

const STUDIO_CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
const VIEW = "ACES 2.0 - SDR 100 nits (Rec.709)"
const AS_IT_IS = [1, 0, 0, 0, 1, 0, 0, 0, 1]
const LIGHTS = [
  [0.18, 0.18, 0.18],
  [1, 0.3, 0.1],
  [0.2, 0.9, 4],
] as const
const WIDTH = 320
const HEIGHT = 180
const selection = { displayWindow: boxOf(WIDTH, HEIGHT), dataWindow: boxOf(WIDTH, HEIGHT) }

const sure = <T>(result: { ok: true; value: T } | { ok: false; failure: { says: string } }): T => {
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

let fixture: EngineFixture
let setup: Setup
beforeAll(async () => {
  fixture = await openEngineFixture()
  setup = sure(await openSetup({ ocioConfigPath: STUDIO_CONFIG }))
})
afterAll(() => fixture.close())

/** Every hue from grey to nearly pure, from eight stops below white to four above it. */
function rainbow(): Float32Array {
  const samples = new Float32Array(WIDTH * HEIGHT * 3)
  for (let at = 0; at < samples.length; at++) {
    const [x, y] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
    const hue = 0.5 + 0.5 * Math.cos((2 * Math.PI * (3 * x)) / WIDTH - ((at % 3) * 2 * Math.PI) / 3)
    samples[at] = 2 ** (12 * (y / HEIGHT) - 8) * (1 - 0.95 * (x / WIDTH) * hue)
  }
  return samples
}

describe("a config that OpenColorIO has built in", () => {
  it("is known by its ocio:// name, with its spaces, displays and a hash", async () => {
    const { config, configHash } = setup
    expect(config.path).toBe(STUDIO_CONFIG)
    for (const name of ["ACEScg", "Apple Log", "lin_ap1_scene", "scene_linear"]) expect(config.spaces).toContain(name)
    expect(config.displays.get("sRGB - Display")).toContain(VIEW)
    expect(configHash).toMatch(/^[0-9a-f]{16}$/)
    expect(sure(await openSetup({ ocioConfigPath: STUDIO_CONFIG })).configHash).toBe(configHash)
    expect(sure(await openSetup({ ocioConfigPath: "ocio://default" })).configHash).not.toBe(configHash)
  })

  it("ends the start where this OpenColorIO does not have it", async () => {
    expect(await openSetup({ ocioConfigPath: "ocio://studio-config-v99" })).toMatchObject({
      ok: false,
      failure: { code: "config/invalid", says: expect.stringContaining("ocio://studio-config-v99") },
    })
  })
})

describe("the ACES 2 view of that config", () => {
  it("is at 50 dB or better to oiiotool in the in-process engine, over all hues and twelve stops", async () => {
    await writeFile(
      join(fixture.folder, "rainbow.tif"),
      floatTiff({ width: WIDTH, height: HEIGHT, samples: rainbow() as Float32Array<ArrayBuffer> }),
    )
    await fixture.oiiotool("rainbow.tif", "-d", "float", "--compression", "none", "--scanline", "-o", "rainbow.exr")
    const plan = await planOf({ selection, colorspace: { look: "aces-sdr", matrix: AS_IT_IS }, config: setup.config })
    expect(plan.views).toMatchObject({
      displays: {
        sRGB: { display: "sRGB - Display", view: VIEW },
        Rec709: { display: "Rec.1886 Rec.709 - Display", view: VIEW },
      },
    })
    const baker = await lutBakerIn(fixture)
    const requests = looksOf(plan, inputOf(plan, CONFIG), CONFIG)
    const baked = async (request: typeof requests.proxy): Promise<ReadyLook> =>
      request.kind === "curve" ? request : sure(await bakeLook(request, baker))
    const looks = { proxy: await baked(requests.proxy), thumbnail: await baked(requests.thumbnail) }
    const samples = floatsOf(await readFile(join(fixture.folder, "rainbow.tif")))
    if (samples === null) throw new Error("The rainbow cannot be read.")
    const made = byPixelPath(interleavedReader(samples), plan, looks)
    const { proxyDb, thumbnailDb } = compare(made, await byRecipe(fixture, plan, "rainbow.exr"), plan)
    expect(proxyDb).toBeGreaterThanOrEqual(50)
    expect(thumbnailDb).toBeGreaterThanOrEqual(50)
  })

  it.each(ENGINE_NAMES)("reaches the outputs of the %s engine by a setting alone", async (name) => {
    const rendering = await openEngineFixture(name, { ocioConfigPath: STUDIO_CONFIG })
    try {
      const patch = (light: Triple): readonly string[] => [
        "--pattern",
        `constant:color=${light.join(",")}`,
        "128x128",
        "3",
      ]
      await rendering.oiiotool(...LIGHTS.flatMap(patch), "--mosaic", "3x1", "-d", "float", "-o", "patches.exr")
      const window = { displayWindow: boxOf(384, 128), dataWindow: boxOf(384, 128) }
      const {
        files: { thumbnail },
      } = await rendering.render("patches.exr", reading({ selection: window, colorspace: { look: "aces-sdr" } }))
      expect(thumbnail.colorspace).toBe("sRGB")
      const shown = await decodeJpeg(thumbnail.path)
      for (const [index, light] of LIGHTS.entries()) {
        const said = await rendering.oiiotool(
          ...["--colorconfig", STUDIO_CONFIG, ...patch(light)],
          ...["--ociodisplay:from=Linear Rec.709 (sRGB)", "sRGB - Display", VIEW, "--printstats"],
        )
        const [, ...codes] = /Stats Avg: (\S+) (\S+) (\S+)/.exec(said) ?? []
        const wanted = codes.map((code) => 255 * Math.min(1, Math.max(0, Number(code)))) as unknown as Triple
        const found = pixel(shown, 43 + 85 * index, 128)
        expect(distance(found, wanted), `${found} for ${wanted}`).toBeLessThanOrEqual(3)
      }
    } finally {
      await rendering.close()
    }
  })
})
