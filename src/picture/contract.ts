import { createHash } from "node:crypto"
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { OutputProfile } from "../element/profiles.ts"
import { failureOf, unwrap } from "../events/testing/results.ts"
import type { EngineOptions } from "./engines/engine.ts"
import { CHART, CHART_WINDOW, seen } from "./engines/testing/chart.ts"
import {
  type EngineFixture,
  type EngineName,
  openEngineFixture,
  openNamedEngine,
} from "./engines/testing/engine-fixture.ts"
import { reading, SETTINGS } from "./engines/testing/readings.ts"
import type { Rendered } from "./model.ts"
import { DEFAULT_LIMITS } from "./read/header/limits.ts"
import { b44Path } from "./samples/exr/testing/stored-files.ts"
import { chart, type EngineLimits, failureCases, type UnderTest } from "./testing/failing-renders.ts"
import { PATTERN_CODES, patternArgs, shownPattern, worst } from "./testing/pattern.ts"

export type { EngineLimits } from "./testing/failing-renders.ts"

/** Code values of 255 that a thumbnail may be off, after its two resizes and JPEG: so engines agree within twice that. */
const TOLERANCE = 4

/** What every PictureEngine promises (its port is in index.ts). */
export function pictureEngineContract(name: EngineName, limits: EngineLimits): void {
  describe(`picture engine: ${name}`, () => {
    let fixture: EngineFixture
    let once: Rendered
    beforeAll(async () => {
      fixture = await openEngineFixture(name)
      const secret = ["--attrib", "owner", "SECRET-OWNER", "--caption", "SECRET-CAPTION"]
      await fixture.oiiotool(...CHART, ...secret, "-d", "half", "-o", "chart.exr")
      await copyFile(join(fixture.folder, "chart.exr"), join(fixture.folder, CHATTY))
      once = await fixture.render("chart.exr", chart)
    })
    afterAll(() => fixture.close())
    const under = (): UnderTest => ({ fixture, limits, once })
    describe("a picture", () => pictureCases(under))
    describe("further profiles", () => profileCases(under))
    describe("a source that cannot be shown", () => sourceCases(under))
    describe("a render that cannot succeed", () => failureCases(under))
  })
}

const CHATTY = "a secret % name #1 with ümläut.exr"
const UPRIGHT = ["red", "green", "blue", "white"]

const digests = ({ files }: Rendered, names: readonly string[] = ["thumbnail", "proxy"]): Promise<readonly string[]> =>
  Promise.all(
    names.map(async (name) =>
      createHash("sha256")
        .update(await readFile(files[name]?.path ?? name))
        .digest("hex"),
    ),
  )

function pictureCases(under: () => UnderTest): void {
  it(`is shown within ${TOLERANCE} code values of what its light says, whichever engine makes it`, async () => {
    const { fixture } = under()
    await fixture.oiiotool(...patternArgs(), "-d", "half", "-o", "pattern.exr")
    expect(worst((await shownPattern(fixture, "pattern.exr")).codes, PATTERN_CODES)).toBeLessThanOrEqual(TOLERANCE)
  })

  it("is made of the same bytes again, whatever the source is called, and at the same time as others", async () => {
    const { fixture, once } = under()
    const again = await Promise.all([CHATTY, "chart.exr", CHATTY].map((file) => fixture.render(file, chart)))
    for (const made of again) expect(await digests(made)).toEqual(await digests(once))
  })

  it("tells nothing of the key, the folders, the command line or the source's metadata", async () => {
    const { fixture } = under()
    const made = await fixture.render(CHATTY, chart)
    const words = [
      "secret",
      "SECRET",
      fixture.folder,
      "/tmp",
      "vendor",
      "oiiotool",
      "--resize",
      "shown.",
      "thumbnail.jpg",
      "proxy.tif",
    ]
    for (const { path } of [made.files.thumbnail, made.files.proxy]) {
      const text = (await readFile(path)).toString("latin1")
      expect(words.filter((word) => text.includes(word))).toEqual([])
    }
  })

  it("leaves nothing else behind in the job's folder than the outputs and the link to the source", async () => {
    const left = await readdir(join(under().once.files.proxy.path, ".."))
    expect(left.filter((name) => name !== "shown.exr").sort()).toEqual(["proxy.mp4", "thumbnail.jpg"])
  })

  it("comes with the tools that made it, how long each took, and the size of each file", async () => {
    const { once, limits } = under()
    const [tools, timings] = [Object.keys(once.toolVersions).sort(), Object.keys(once.timingsMs).sort()]
    expect([once.route, tools, timings]).toEqual(limits.tells)
    for (const version of Object.values(once.toolVersions)) expect(version).toMatch(/\d+\.\d+/)
    for (const { path, sizeBytes } of [once.files.thumbnail, once.files.proxy])
      expect(sizeBytes).toBe((await readFile(path)).length)
    expect(once.files.thumbnail).toMatchObject({ width: 256, height: 256, colorspace: "sRGB" })
    expect(once.files.proxy).toMatchObject({ width: 640, height: 360, colorspace: "Rec709" })
  })

  it("needs nothing that is not there", async () => {
    expect(await under().fixture.engine.missing()).toEqual([])
  })
}

const profile = (name: string, part: Pick<OutputProfile, "canvas"> & Partial<OutputProfile>): OutputProfile => ({
  name,
  look: "sRGB",
  encoder: { format: "jpeg", quality: 90 },
  suffix: `_${name}`,
  contentType: "image/jpeg",
  isNotified: false,
  ...part,
})

function profileCases(under: () => UnderTest): void {
  it("are made of the same decode, each in its canvas, and change nothing in thumbnail and proxy", async () => {
    const { fixture, once } = under()
    const furtherOutputs = [
      profile("preview", { canvas: { kind: "longest-edge", edge: 100 } }),
      profile("whole", { canvas: { kind: "longest-edge", edge: 4096 } }),
      profile("poster", { canvas: { kind: "letterbox", width: 200, height: 200 } }),
      profile("reel", {
        canvas: { kind: "letterbox", width: 128, height: 128 },
        look: "Rec709",
        encoder: { format: "h264-still" },
      }),
    ]
    const made = await fixture.render("chart.exr", chart, { furtherOutputs })
    const { preview, whole, poster, reel } = made.files
    const all = { x: 0, y: 0 }
    expect(preview).toMatchObject({ width: 100, height: 56, picture: { ...all, width: 100, height: 56 } })
    expect(whole).toMatchObject({ width: 160, height: 90, picture: { ...all, width: 160, height: 90 } })
    expect(poster).toMatchObject({ width: 200, height: 200, picture: { x: 0, y: 43, width: 200, height: 113 } })
    expect(reel).toMatchObject({ width: 128, height: 128, colorspace: "Rec709" })
    if (!preview || !whole || !poster || !reel) throw new Error("A further output was not made.")
    for (const thumbnail of [preview, whole, poster])
      expect(await seen(fixture, { thumbnail, proxy: reel })).toEqual({ thumbnail: UPRIGHT, proxy: UPRIGHT })
    expect(await digests(made)).toEqual(await digests(once))
  })

  it("stand upright where the picture lies on its side", async () => {
    const { fixture } = under()
    await fixture.oiiotool(...CHART, "-d", "uint8", "--orientation", "6", "-o", "side.tif")
    const side = { format: "tiff", orientation: 6, ...CHART_WINDOW }
    const furtherOutputs = [profile("preview", { canvas: { kind: "longest-edge", edge: 80 } })]
    const colorspace = { configSpace: "srgb_tx", encoding: "display" }
    const { files } = await fixture.render("side.tif", reading({ selection: side, colorspace }), { furtherOutputs })
    expect(files.preview).toMatchObject({ width: 45, height: 80 })
    const shown = await seen(fixture, { ...files, thumbnail: files.preview ?? files.thumbnail })
    expect(shown.thumbnail).toEqual(["blue", "red", "white", "green"])
  })
}

function sourceCases(under: () => UnderTest): void {
  const read = async (file: string, options: EngineOptions = {}) => {
    const { fixture } = under()
    const engine = unwrap(await openNamedEngine(fixture.name, options))
    const sourceFile = file.startsWith("/") ? file : join(fixture.folder, file)
    return engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
  }

  it("is refused by its header where it is foreign, too large, or gone", async () => {
    await writeFile(join(under().fixture.folder, "text.exr"), "no picture at all")
    expect(failureOf(await read("text.exr"))).toMatchObject({ code: "picture/not-a-picture", kind: "permanent" })
    const headerLimits = { ...DEFAULT_LIMITS, areaPixels: 160 * 90 - 1 }
    expect(failureOf(await read("chart.exr", { headerLimits }))).toMatchObject({ code: "picture/over-limit" })
    expect(failureOf(await read("nowhere.exr"))).toMatchObject({ code: "source/gone", kind: "permanent" })
  })

  it("is refused for luminance with chroma, or such files are shown, as its limits say", async () => {
    const result = await read(b44Path("smooth-b44"))
    expect(result.ok ? "shown" : result.failure.code).toBe(
      under().limits.showsLuminanceChroma ? "shown" : "picture/unsupported",
    )
  })

  it("is refused where it is truncated, with the decoder's reason and no local path", async () => {
    const { fixture, limits } = under()
    const bytes = await readFile(join(fixture.folder, "chart.exr"))
    await writeFile(join(fixture.folder, "cut.exr"), bytes.subarray(0, bytes.length - 200))
    const { code, says } = failureOf(await fixture.tryRender("cut.exr", chart))
    expect(code).toBe(limits.truncated.code)
    expect(says).toMatch(limits.truncated.says)
    expect(says).not.toContain("/")
  })
}
