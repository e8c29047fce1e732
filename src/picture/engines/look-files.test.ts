import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { ReadLook } from "../looks/look.ts"
import { type LookRequest, lookOf } from "../looks/read-look.ts"
import { amfCdl, amfFile, amfText, CDL, cccText, ccText, cubeText, NEUTRAL } from "../looks/testing/look-texts.ts"
import { CONFIG, layOutConfig } from "../pixels/testing/oracle.ts"
import { openSetup } from "./setup.ts"
import {
  decodeJpeg,
  decodeMovie,
  distance,
  ENGINE_NAMES,
  type EngineFixture,
  openEngineFixture,
  pixel,
  type Triple,
} from "./testing/engine-fixture.ts"
import { boxOf, type ReadingParts, reading, SETTINGS } from "./testing/readings.ts"

const LIGHTS: readonly Triple[] = [
  [0.18, 0.18, 0.18],
  [0.8, 0.3, 0.1],
  [0.05, 0.2, 0.6],
  [0.01, 0.02, 0.01],
]
const window = { displayWindow: boxOf(512, 128), dataWindow: boxOf(512, 128) }
const SMALL = { ...SETTINGS, proxyWidthPx: 512, proxyHeightPx: 128 }

/** A swirl that mixes channels and darkens. */
const swirl = cubeText(17, ([r, g, b]) => [0.9 * r + 0.1 * g, 0.05 + 0.8 * g, 0.3 * r + 0.7 * b])
/** From a camera's curve to the codes of a display. */
const showLut = cubeText(33, ([r, g, b]) => [r ** 1.4, g ** 1.5, 0.1 + 0.9 * b ** 1.6])

function looked(name: string, text: string, asked: Partial<LookRequest> = {}): ReadLook {
  const outcome = lookOf(Buffer.from(text), { name, space: null, output: null, id: null, ...asked }, (reference) =>
    reference === "swirl.cube" ? { bytes: Buffer.from(swirl) } : { problem: "does not exist" },
  )
  if ("problem" in outcome) throw new Error(outcome.problem)
  return outcome.read
}

type Case = {
  readonly read: ReadLook
  /** The same with oiiotool's own reading of the files, from linear Rec.709 to codes for the thumbnail and for the proxy. */
  readonly thumbnail: readonly string[]
  readonly proxy: readonly string[]
  readonly view?: string
}

const to = (from: string, space: string): readonly string[] => ["--colorconvert", from, space]
const into = (display: string, view: string): readonly string[] => ["--ociodisplay:from=lin_rec709", display, view]
const apply = (file: string): readonly string[] => ["--ociofiletransform", file]

const scene = (steps: readonly string[], view = "Un-tone-mapped") => ({
  thumbnail: [...steps, ...into("sRGB", view)],
  proxy: [...steps, ...into(view === "Un-tone-mapped" ? "Rec709-camera" : "Rec1886", view)],
})

const CASES: Readonly<Record<string, Case>> = {
  "a correction of a collection in ACEScct": {
    read: looked("grades.ccc", cccText(["a", NEUTRAL], ["b", CDL]), { id: "b" }),
    ...scene([...to("lin_rec709", "ACEScct"), ...apply("cdl.cc"), ...to("ACEScct", "lin_rec709")]),
  },
  "a cube in LogC3 before the ACES view": {
    read: looked("swirl.cube", swirl, { space: "ARRI LogC3 (EI800)" }),
    view: "aces-sdr",
    ...scene([...to("lin_rec709", "LogC3"), ...apply("swirl.cube"), ...to("LogC3", "lin_rec709")], "ACES SDR"),
  },
  "a show LUT from LogC3 to Rec.709 codes": {
    read: looked("show.cube", showLut, { space: "LogC3", output: "rec709_video" }),
    thumbnail: [...to("lin_rec709", "LogC3"), ...apply("show.cube")],
    proxy: [...to("lin_rec709", "LogC3"), ...apply("show.cube")],
  },
  "an AMF file's correction and cube": {
    read: looked("shot.amf", amfText([amfCdl(CDL), amfFile("swirl.cube")].join("\n"))),
    ...scene([
      ...[...to("lin_rec709", "ACEScct"), ...apply("cdl.cc"), ...to("ACEScct", "ACES2065-1")],
      ...[...apply("swirl.cube"), ...to("ACES2065-1", "lin_rec709")],
    ]),
  },
}

async function opened(name: (typeof ENGINE_NAMES)[number]): Promise<EngineFixture> {
  const fixture = await openEngineFixture(name, { looks: Object.values(CASES).map(({ read }) => read) })
  await layOutConfig(fixture)
  await writeFile(join(fixture.folder, "cdl.cc"), ccText(CDL))
  await writeFile(join(fixture.folder, "swirl.cube"), swirl)
  await writeFile(join(fixture.folder, "show.cube"), showLut)
  await fixture.oiiotool(...LIGHTS.flatMap(patch), "--mosaic", "4x1", "-d", "float", "-o", "lights.exr")
  return fixture
}

const patch = (light: Triple): readonly string[] => ["--pattern", `constant:color=${light.join(",")}`, "128x128", "3"]

/** Codes of 8 bits of each light, as oiiotool makes them with its own arguments for looks. */
async function oracle(fixture: EngineFixture, args: readonly string[]): Promise<readonly Triple[]> {
  const said = await fixture.oiiotool(
    ...["--colorconfig", CONFIG],
    ...LIGHTS.flatMap((light) => [...patch(light), ...args, "--printstats"]),
  )
  const found = [...said.matchAll(/Stats Avg: (\S+) (\S+) (\S+)/g)]
  expect(found).toHaveLength(LIGHTS.length)
  return found.map(([, ...codes]) => codes.map((code) => 255 * Math.min(1, Math.max(0, Number(code)))) as never)
}

function toRgb([y, u, v]: Triple): Triple {
  const [luma, blue, red] = [((y - 16) * 255) / 219, ((u - 128) * 255) / 224, ((v - 128) * 255) / 224]
  return [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue]
}

const colourOf = (read: ReadLook, look: string) => ({ ...SETTINGS.colour, look, lookFile: read.look })

describe.each(ENGINE_NAMES)("a look file before the view (%s)", (name) => {
  it("makes the outputs that OpenColorIO makes with it, whatever its kind", { timeout: 240_000 }, async () => {
    const fixture = await opened(name)
    try {
      for (const [title, { read, view = "un-tone-mapped", thumbnail, proxy }] of Object.entries(CASES)) {
        const parts: ReadingParts = { selection: window, colorspace: { look: view } }
        const { files } = await fixture.render("lights.exr", reading(parts), { ...SMALL, colour: colourOf(read, view) })
        const [jpeg, movie] = [await decodeJpeg(files.thumbnail.path), await decodeMovie(fixture, files.proxy.path)]
        const [thumbs, proxies] = [await oracle(fixture, thumbnail), await oracle(fixture, proxy)]
        LIGHTS.forEach((light, at) => {
          const [thumb, frame] = [pixel(jpeg, 32 + 64 * at, 128), toRgb(movie.at(64 + 128 * at, 64))]
          const [wantedThumb, wantedFrame] = [thumbs[at] ?? light, proxies[at] ?? light]
          expect(distance(thumb, wantedThumb), `${title}: thumbnail ${thumb} for ${wantedThumb}`).toBeLessThanOrEqual(3)
          expect(distance(frame, wantedFrame), `${title}: proxy ${frame} for ${wantedFrame}`).toBeLessThanOrEqual(3)
        })
        expect([files.thumbnail.colorspace, files.proxy.colorspace]).toEqual(["sRGB", "Rec709"])
      }
    } finally {
      await fixture.close()
    }
  })

  it("finds the spaces of a facility's own config under the names that they have there", async () => {
    const config = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
    const read = looked("grade.cc", ccText(CDL), { space: "acescct_ap1_scene" })
    const fixture = await openEngineFixture(name, { ocioConfigPath: config, looks: [read] })
    try {
      await writeFile(join(fixture.folder, "cdl.cc"), ccText(CDL))
      const light: Triple = [0.8, 0.3, 0.1]
      await fixture.oiiotool(...patch(light), "-d", "float", "-o", "light.exr")
      const said = await fixture.oiiotool(
        ...["--colorconfig", config, ...patch(light), ...to("lin_rec709_scene", "ACEScct")],
        ...[...apply(join(fixture.folder, "cdl.cc")), ...to("ACEScct", "lin_rec709_scene")],
        ...["--ociodisplay:from=lin_rec709_scene", "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"],
        "--printstats",
      )
      const [, ...codes] = /Stats Avg: (\S+) (\S+) (\S+)/.exec(said) ?? []
      const wanted = codes.map((code) => 255 * Math.min(1, Math.max(0, Number(code)))) as unknown as Triple
      const box = { displayWindow: boxOf(128, 128), dataWindow: boxOf(128, 128) }
      const parts: ReadingParts = { selection: box, colorspace: { look: "aces-sdr" } }
      const { files } = await fixture.render("light.exr", reading(parts), {
        ...SMALL,
        colour: colourOf(read, "aces-sdr"),
      })
      const thumb = pixel(await decodeJpeg(files.thumbnail.path), 128, 128)
      expect(distance(thumb, wanted), `${thumb} for ${wanted}`).toBeLessThanOrEqual(3)
    } finally {
      await fixture.close()
    }
  })

  it("is applied to a finished picture where it is said to work in such codes, but never to data", async () => {
    const read = looked("swirl.cube", swirl, { space: "srgb_tx" })
    const fixture = await openEngineFixture(name, { looks: [read] })
    try {
      const code: Triple = [0.5, 0.3, 0.8]
      await fixture.oiiotool(...patch(code), "-d", "uint16", "-o", "code.tif")
      const box = { displayWindow: boxOf(128, 128), dataWindow: boxOf(128, 128) }
      const shownIn = async (configSpace: string) => {
        const parts = { selection: { format: "tiff", ...box }, colorspace: { configSpace, encoding: "display" } }
        const { files } = await fixture.render("code.tif", reading(parts), {
          ...SMALL,
          colour: colourOf(read, "aces-sdr"),
        })
        return [
          pixel(await decodeJpeg(files.thumbnail.path), 128, 128),
          toRgb((await decodeMovie(fixture, files.proxy.path)).at(256, 64)),
        ] as const
      }
      const swirled: Triple = [255 * (0.45 + 0.03), 255 * (0.05 + 0.24), 255 * (0.15 + 0.56)]
      for (const shown of await shownIn("srgb_tx"))
        expect(distance(shown, swirled), `${shown} for ${swirled}`).toBeLessThanOrEqual(3)
      const kept = code.map((value) => 255 * value) as unknown as Triple
      for (const shown of await shownIn("data")) expect(distance(shown, kept), `${shown}`).toBeLessThanOrEqual(3)
    } finally {
      await fixture.close()
    }
  })

  it("leaves a finished picture alone, and makes black of light only with a warning", async () => {
    const dark = looked("dark.cc", ccText({ ...NEUTRAL, slope: [0, 0, 0] }))
    const fixture = await openEngineFixture(name, { looks: [dark] })
    try {
      const light: Triple = [0.5, 0.5, 0.5]
      await fixture.oiiotool(
        ...[...patch(light), "-d", "uint8", "-o", "grey.tif"],
        ...[...patch(light), "-d", "half", "-o", "grey.exr"],
      )
      const box = { displayWindow: boxOf(128, 128), dataWindow: boxOf(128, 128) }
      const finished = { configSpace: "srgb_tx", encoding: "display" }
      const settings = { ...SMALL, colour: colourOf(dark, "un-tone-mapped") }
      const kept = await fixture.render(
        "grey.tif",
        reading({ selection: { format: "tiff", ...box }, colorspace: finished }),
        settings,
      )
      expect(
        distance(pixel(await decodeJpeg(kept.files.thumbnail.path), 128, 128), [127, 127, 127]),
      ).toBeLessThanOrEqual(2)
      const black = await fixture.render("grey.exr", reading({ selection: box }), settings)
      expect(black).toMatchObject({ allBlack: true, warnings: [expect.stringContaining("dark.cc makes it so")] })
    } finally {
      await fixture.close()
    }
  })
})

describe("a look file that OpenColorIO refuses", () => {
  it.each([
    ["negative.cc", ccText({ ...CDL, power: [-1, 1, 1] }), "power"],
    ["zero.cc", ccText({ ...CDL, power: [1, 0, 1] }), "power"],
    ["unsaturated.cc", ccText({ ...CDL, saturation: -1 }), "saturation"],
    ["short.cube", cubeText(3, (colour) => colour).replace("LUT_3D_SIZE 3", "LUT_3D_SIZE 4"), "3D LUT"],
    ["nothing.cube", "# nothing\n", "nothing.cube"],
  ])("ends the start: %s", async (file, text, says) => {
    const [good, bad] = [looked("good.cc", ccText(CDL)), looked(file, text)]
    const setup = await openSetup({ looks: [good, bad] })
    expect(setup).toMatchObject({ ok: false, failure: { code: "config/invalid", kind: "permanent" } })
    if (!setup.ok) expect(setup.failure.says).toContain(`cannot use the look file ${file}`)
    if (!setup.ok) expect(setup.failure.says).toContain(says)
  })

  it("is never put in the place of one that this process has not read", async () => {
    const fixture = await openEngineFixture("oiiotool")
    try {
      await fixture.oiiotool(...patch([0.2, 0.2, 0.2]), "-o", "grey.exr")
      const colour = colourOf(looked("elsewhere.cc", ccText(CDL)), "un-tone-mapped")
      expect(await fixture.tryRender("grey.exr", reading({ selection: window }), { ...SMALL, colour })).toMatchObject({
        ok: false,
        failure: { code: "config/invalid", says: "The look file elsewhere.cc was not read here." },
      })
    } finally {
      await fixture.close()
    }
  })
})
