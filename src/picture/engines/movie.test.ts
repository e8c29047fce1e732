import { expect, it } from "vitest"
import { CHART, CHART_WINDOW } from "./testing/chart.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"
import { type ReadingParts, reading } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine(async (opened) => {
  fixture = opened
  await fixture.oiiotool(...CHART, "-o", "chart.exr")
})

const chart = (selection: ReadingParts["selection"] = {}) => reading({ selection: { ...CHART_WINDOW, ...selection } })

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
