import { copyFileSync, readFileSync, renameSync, rmSync } from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { processesIn } from "./crash/left-over.ts"
import { call, factsOf, failuresOf, rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"
import { heldTool } from "./machine/held-tool.ts"
import { type Ended, start } from "./machine/process.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "a.exr": "beachball", "b.exr": "window" })
})
afterEach(() => frames.remove())

/** Changes the sources while the first of them is rendered, and lets the run come to its end. */
async function whileRendering(change: () => void): Promise<Ended> {
  const scratch = frames.beside("scratch")
  const tool = await heldTool(frames.beside("."))
  const running = start(["run", frames.dir, "--scratch", scratch, "--renders-in-flight", "1", ...tool.flags])
  await eventually("a picture tool is at work", () => processesIn(scratch).length > 0)
  change()
  tool.release()
  return running.ended
}

it("a source replaced while it is rendered is rendered again: bytes, row and facts speak of the new version", async () => {
  copyFileSync(samplePath("stretched"), frames.beside("new.exr"))
  const { code } = await whileRendering(() => renameSync(frames.beside("new.exr"), frames.path("a.exr")))
  expect(code).toBe(0)
  const fresh = openFrames({ "a.exr": "stretched" })
  await call(["run", fresh.dir, "--engine", "oiiotool"])
  for (const output of [".proxies/a_thumb.jpg", ".proxies/a_proxy.mp4"])
    expect(readFileSync(frames.path(output)).equals(readFileSync(fresh.path(output)))).toBe(true)
  fresh.remove()
  const rows = await rowsOf(frames)
  expect(rows.map(({ s3_key, source_size_bytes }) => [s3_key, source_size_bytes])).toEqual([
    ["a.exr", 20_829],
    ["b.exr", 20_829],
  ])
  const made = (await factsOf(frames, "proxy-made")).filter(({ element }) => element.key === "a.exr")
  expect(made.map(({ source }) => source.sizeBytes)).toEqual([20_829])
  expect((await call(["run", frames.dir, "--engine", "oiiotool"])).stderr).toMatch(
    /^Nothing to do: 2 frames up to date\.$/m,
  )
})

it("a source overwritten in place while it is rendered is rendered again, too", async () => {
  const { code } = await whileRendering(() => copyFileSync(samplePath("shifted"), frames.path("a.exr")))
  expect(code).toBe(0)
  expect((await rowsOf(frames)).map(({ source_size_bytes }) => source_size_bytes)).toEqual([20_829, 20_829])
})

it("a source deleted while it is rendered is gone: no row, no outputs, and the rest goes on", async () => {
  const ended = await whileRendering(() => rmSync(frames.path("a.exr")))
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("1 frame gone") })
  expect(await factsOf(frames, "element-failed")).toMatchObject([{ element: { key: "a.exr" }, code: "source/gone" }])
  expect(await failuresOf(frames)).toEqual([])
  expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 1, failed: 0 })
  expect(frames.files().filter((key) => key.includes("a_"))).toEqual([])
})

it("a source that comes back is taken again", async () => {
  await whileRendering(() => rmSync(frames.path("a.exr")))
  frames.add("a.exr", "stretched")
  expect((await call(["run", frames.dir])).code).toBe(0)
  expect(await failuresOf(frames)).toEqual([])
})
