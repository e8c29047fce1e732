import { createHash } from "node:crypto"
import { copyFile, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { Rendered } from "../index.ts"
import { CHART, CHART_WINDOW } from "./testing/chart.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"
import { type ReadingParts, reading } from "./testing/readings.ts"

let fixture: EngineFixture
const CHATTY = "a secret % name #1 with \u00fcml\u00e4ut.exr"

const describeEach = eachEngine(async (opened) => {
  fixture = opened
  await fixture.oiiotool(
    ...CHART,
    "--attrib",
    "owner",
    "SECRET-OWNER",
    "--caption",
    "SECRET-CAPTION",
    "-o",
    "chart.exr",
  )
  await copyFile(join(fixture.folder, "chart.exr"), join(fixture.folder, CHATTY))
})

const chart = (selection: ReadingParts["selection"] = {}) => reading({ selection: { ...CHART_WINDOW, ...selection } })
const digest = async ({ files: { thumbnail, proxy } }: Rendered) => {
  const bytes = await Promise.all([readFile(thumbnail.path), readFile(proxy.path)])
  return bytes.map((part) => createHash("sha256").update(part).digest("hex"))
}

describeEach("the movie", () => {
  it("runs at the source's exact rate, with its timecode", async () => {
    const made = await fixture.render(
      "chart.exr",
      chart({ frameRate: { num: 24000, den: 1001 }, timecode: "01:00:06:03" }),
    )
    const said = await fixture.ffmpeg("-i", made.files.proxy.path, "-f", "null", "-")
    expect(said).toContain("23.98 fps")
    expect(said).toContain("timecode        : 01:00:06:03")
    expect(made.warnings).toEqual([])
  })

  it("runs at the default rate without a timecode where the source has none, or none that exists", async () => {
    const made = await fixture.render("chart.exr", chart({ timecode: "25:61:61:10" }))
    const said = await fixture.ffmpeg("-i", made.files.proxy.path, "-f", "null", "-")
    expect(said).toContain("24 fps")
    expect(said).not.toContain("timecode")
    expect(made.warnings).toHaveLength(1)
  })

  it("holds a still for as many frames as it is told, all of them the picture", async () => {
    const made = await fixture.render("chart.exr", chart(), { stillHoldFrames: 24, proxyPreset: "veryfast" })
    const said = await fixture.ffmpeg("-i", made.files.proxy.path, "-f", "framemd5", "-")
    const frames = said
      .split("\n")
      .filter((line) => /^0,/.test(line))
      .map((line) => line.split(/,\s*/))
    expect(frames).toHaveLength(24)
    expect(frames.map(([, , pts]) => Number(pts))).toEqual(frames.map((_, index) => index * Number(frames[0]?.[3])))
    expect(said).toContain("Duration: 00:00:01.00")
  })
})

describeEach("both outputs", (engine) => {
  it("tell nothing of the key, the folders, the command line or the source's metadata", async () => {
    const made = await fixture.render(CHATTY, chart())
    for (const { path } of [made.files.thumbnail, made.files.proxy]) {
      const text = (await readFile(path)).toString("latin1")
      for (const word of [
        "secret",
        "SECRET",
        fixture.folder,
        "/tmp",
        "vendor",
        "oiiotool",
        "--",
        "shown.",
        "thumbnail.jpg",
        "proxy.tif",
      ])
        expect(text.includes(word), `${word} in ${path}`).toBe(false)
    }
  })

  it("are the same bytes when they are made again, whatever the source is called", async () => {
    const once = await digest(await fixture.render("chart.exr", chart()))
    expect(await digest(await fixture.render(CHATTY, chart()))).toEqual(once)
  })

  it("leave nothing else behind in the job's folder than themselves and the link to the source", async () => {
    const made = await fixture.render("chart.exr", chart())

    const left = (await readdir(join(made.files.proxy.path, ".."))).filter((name) => name !== "shown.exr")
    expect(left.sort()).toEqual(["proxy.mp4", "thumbnail.jpg"])
  })

  it("name the tools that made them, and how long each took", async () => {
    const made = await fixture.render("chart.exr", chart())
    const said = {
      oiiotool: ["oiiotool/single-part", ["ffmpeg", "oiiotool"], ["ffmpeg", "oiiotool"]],
      "in-process": ["in-process/exr-zip", ["ffmpeg", "libvips"], ["decode", "ffmpeg", "jpeg", "pixels"]],
    }[engine]
    expect([made.route, Object.keys(made.toolVersions).sort(), Object.keys(made.timingsMs).sort()]).toEqual(said)
    for (const version of Object.values(made.toolVersions)) expect(version).toMatch(/\d+\.\d+/)
    expect(made.files.proxy.sizeBytes).toBe((await readFile(made.files.proxy.path)).length)
  })
})
