import { readFileSync, statSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { writtenExr } from "../src/picture/samples/exr/testing/written-exr.ts"
import { call, factsOf, failuresOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "stereo/ball.exr": "beachball", "plain/a.exr": "window" })
})
afterEach(() => frames.remove())

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])
const [BALL, PLAIN] = ["stereo/.proxies/ball_thumb.jpg", "plain/.proxies/a_thumb.jpg"]
const rules = (text: string): void =>
  writeFileSync(frames.path(".oiio-proxy-generator/oiio-proxy-generator.yaml"), `pictureRules:\n${text}`)

it("a rule makes the frames that it is about anew, and no others, also where it shows data", async () => {
  await run()
  const [ball, plain] = [readFileSync(frames.path(BALL)), statSync(frames.path(PLAIN)).mtimeMs]
  rules("  - {bucket: show, prefix: stereo/, channels: Z, dataRange: [0, 1000]}\n")
  expect((await run()).stderr).toMatch(/^1 frame rendered in .*, 1 up to date, 0 failed\.$/m)
  expect(readFileSync(frames.path(BALL)).equals(ball)).toBe(false)
  expect(statSync(frames.path(PLAIN)).mtimeMs).toBe(plain)
  const [last] = (await factsOf(frames, "proxy-made")).slice(-1)
  expect(last).toMatchObject({
    element: { key: "stereo/ball.exr" },
    selection: { channels: ["Z", "Z", "Z"] },
    colorspace: { name: "data", rule: "data-pass" },
    warnings: [expect.stringMatching(/^Depth is shown from 0 \(black\) to 1000 \(white\), as set; this frame has /)],
  })
  expect((await run()).stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
})

it("what a frame lacks fails it with what it has, until the choice is another", async () => {
  const { code, stderr } = await run("--layer", "Forward")
  expect(code).toBe(1)
  expect(stderr).toContain("picture/choice-missing")
  const failures = await failuresOf(frames)
  expect(failures.map(({ key, code }) => [key, code])).toEqual([
    ["plain/a.exr", "picture/choice-missing"],
    ["stereo/ball.exr", "picture/choice-missing"],
  ])
  expect(failures[1]?.says).toContain('did you mean "forward"?')
  expect(await run()).toMatchObject({ code: 0 })
})

it("depth alone is rendered, and no failure", async () => {
  const box = { xMin: 0, yMin: 0, xMax: 63, yMax: 47 }
  const samples = Uint32Array.from({ length: 64 * 48 }, (_, at) => (at % 64 < 32 ? HALF : ONE))
  const channels = [{ name: "Z", pixelType: "float", xSampling: 1, ySampling: 1, samples }]
  const part = { channels, dataWindow: box, compression: "zip", tiles: null }
  const order = (chunks: number) => Array.from({ length: chunks }, (_, index) => index)
  writeFileSync(frames.path("plain/depth.exr"), writtenExr({ parts: [part], isMultiPart: false, order }))
  expect((await run()).stderr).toMatch(/^3 frames rendered in .*, 0 up to date, 0 failed\.$/m)
  const made = (await factsOf(frames, "proxy-made")).find(({ element }) => element.key === "plain/depth.exr")
  expect(made).toMatchObject({ route: "in-process/pass-depth", proxy: { colorspace: "Rec709" } })
  expect(made?.warnings).toEqual([
    expect.stringContaining("holds no picture that can be shown; shown instead: depth."),
    expect.stringContaining("Depth is shown from 0.5 (black) to 1 (white), the range of this frame."),
  ])
})

/** Bits of floats. */
const [HALF, ONE] = [0x3f000000, 0x3f800000]
