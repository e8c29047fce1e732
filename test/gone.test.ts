import { renameSync, rmSync, utimesSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { call, factsOf, failuresOf, historyOf, rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { start } from "./machine/process.ts"
import { sheetIn } from "./machine/sheet.ts"

let frames: Frames
beforeEach(async () => {
  frames = openFrames({ "sh010/a.exr": "window", "sh010/b.exr": "shifted", "sh020/c.exr": "stretched" })
  expect((await call(["run", frames.dir])).code).toBe(0)
})
afterEach(() => frames.remove())

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])

const shown = async (): Promise<readonly string[]> => (await rowsOf(frames)).map(({ s3_key }) => s3_key)

describe("a frame that was deleted from its folder", () => {
  it("leaves status, outputs, failures and the sheet with the next run; its history and its outputs stay", async () => {
    rmSync(frames.path("sh010/a.exr"))
    const { code, stderr } = await run()
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Nothing to do: 2 frames up to date\.\n1 frame removed since the last run; /m)
    expect(await shown()).toEqual(["sh010/b.exr", "sh020/c.exr"])
    expect((await historyOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["sh010/a.exr", "sh010/b.exr", "sh020/c.exr"])
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 2, failed: 0 })
    expect(await failuresOf(frames)).toEqual([])
    expect((await call(["contact-sheet", frames.dir, "--out", frames.beside("sheet.html")])).code).toBe(0)
    expect(sheetIn(frames.beside("sheet.html")).frames.map(({ name }) => name)).toEqual(["b.exr", "c.exr"])
    expect(frames.files()).toContain("sh010/.proxies/a_thumb.jpg")
    expect(await factsOf(frames, "element-removed")).toMatchObject([
      { element: { key: "sh010/a.exr", trigger: "listing" }, sourceVersion: expect.any(String), eventTimeMs: null },
    ])
  })

  it("is reported once: the run after it finds nothing to do", async () => {
    rmSync(frames.path("sh020"), { recursive: true })
    await run()
    expect((await run()).stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
    expect(await factsOf(frames, "removal-reported")).toHaveLength(1)
  })

  it("is current again when it comes back: nothing is rendered, its old row is shown", async () => {
    const before = await rowsOf(frames)
    renameSync(frames.path("sh010/a.exr"), frames.beside("a.exr"))
    await run()
    renameSync(frames.beside("a.exr"), frames.path("sh010/a.exr"))
    expect((await run()).stderr).toMatch(/^Nothing to do: 3 frames up to date\.$/m)
    expect(await rowsOf(frames)).toEqual(before)
  })

  it("is rendered anew where another file comes under its name", async () => {
    rmSync(frames.path("sh010/a.exr"))
    await run()
    frames.add("sh010/a.exr", "grey")
    // Versions of one key have one file_id within one second, and with it one row.
    const another = new Date("2026-04-01T00:00:00Z")
    utimesSync(frames.path("sh010/a.exr"), another, another)
    expect((await run()).stderr).toMatch(/^1 frame rendered/m)
    expect(await shown()).toEqual(["sh010/a.exr", "sh010/b.exr", "sh020/c.exr"])
    expect(await historyOf(frames)).toHaveLength(4)
  })

  it("takes its failure along", async () => {
    frames.add("sh010/broken.exr", "damaged")
    expect((await run()).code).toBe(1)
    rmSync(frames.path("sh010/broken.exr"))
    expect((await run()).code).toBe(0)
    expect(await failuresOf(frames)).toEqual([])
  })

  it("is gone after a rebuild, too, and the old tables were right", async () => {
    rmSync(frames.path("sh010/a.exr"))
    await run()
    const rebuilt = await call(["rebuild", frames.dir, "--json"])
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
    expect(await shown()).toEqual(["sh010/b.exr", "sh020/c.exr"])
  })

  it("is not rendered again by name, and left out of a prefix", async () => {
    rmSync(frames.path("sh010/a.exr"))
    await run()
    const named = await call(["reprocess", "sh010/a.exr", "--dir", frames.dir])
    expect(named.stderr).toContain("sh010/a.exr was removed: ")
    expect(named.code).not.toBe(0)
    const below = await call(["reprocess", "--prefix", "sh010/", "--dir", frames.dir])
    expect(below.stderr).toMatch(/1 frame taken up again: 1 rendered/)
  })
})

it("a frame that is deleted while its folder is watched goes at once", async () => {
  const watching = start(["run", frames.dir, "--watch", "--watch-poll-seconds", "1"])
  await watching.says("Watching")
  rmSync(frames.path("sh010/b.exr"))
  await eventually("it is gone", async () => !(await shown()).includes("sh010/b.exr"))
  expect(await shown()).toEqual(["sh010/a.exr", "sh020/c.exr"])
  watching.send("SIGTERM")
  const { code, stderr } = await watching.ended
  expect(code).toBe(0)
  // How many are up to date is known when the first listing has ended, which may come behind the notice or not at all.
  expect(stderr).toMatch(/^Watched for [^,]+: 0 frames arrived, 0 rendered, 0 failed, 1 removed, [023] up to date/m)
})
