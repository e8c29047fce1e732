import { readFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { call, factsOf, failuresOf, statusOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(async () => {
  frames = openFrames({ "sh010/a.exr": "window", "sh010/broken.exr": "damaged", "sh020/broken.exr": "damaged" })
  expect((await call(["run", frames.dir])).code).toBe(1)
})
afterEach(() => frames.remove())

const dismiss = (...words: readonly string[]) => call(["failures", "dismiss", ...words, "--dir", frames.dir])
const failed = async () => (await failuresOf(frames)).map(({ key }) => key)
const run = () => call(["run", frames.dir])

describe("failures dismiss", () => {
  it("takes the named failure out of lists, counts, exit codes and the sheet; --all shows it; a rebuild keeps it", async () => {
    const said = await dismiss("sh010/broken.exr", "s3://show/sh020/broken.exr", "--by", "Ana")
    expect(said).toMatchObject({ code: 0, stderr: "Dismissed 2 failures.\n" })
    expect(await failed()).toEqual([])
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 1, failed: 0 })
    expect((await run()).code).toBe(0)
    const rebuilt = await call(["rebuild", frames.dir, "--json"])
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
    expect(await failed()).toEqual([])
    await call(["contact-sheet", frames.dir, "--out", frames.beside("sheet.html")])
    expect(readFileSync(frames.beside("sheet.html"), "utf8")).not.toContain("broken.exr")
    const all = await call(["failures", "list", "--all", "--csv", "--dir", frames.dir])
    expect(all.stdout.match(/picture\/damaged/g)).toHaveLength(2)
    expect(await factsOf(frames, "failure-dismissed")).toMatchObject([
      { element: { key: "sh010/broken.exr" }, dismissedBy: "Ana", failure: { code: "picture/damaged" } },
      { element: { key: "sh020/broken.exr" }, dismissedBy: "Ana" },
    ])
  })

  it("only says what a prefix or a code would take along, and does it with --yes", async () => {
    const said = await dismiss("--prefix", "sh010/", "--code", "picture/damaged")
    expect(said).toMatchObject({ code: 0, stdout: "s3://show/sh010/broken.exr  picture/damaged\n" })
    expect(said.stderr).toBe("Would dismiss 1 failure. --yes does it.\n")
    expect(await failed()).toHaveLength(2)
    expect((await dismiss("--prefix", "sh010/", "--yes")).stderr).toBe("Dismissed 1 failure.\n")
    expect(await failed()).toEqual(["sh020/broken.exr"])
    expect((await dismiss("--code", "tool/timed-out", "--yes")).stderr).toBe("Nothing to dismiss.\n")
    expect(await factsOf(frames, "failure-dismissed")).toMatchObject([{ dismissedBy: null }])
  })

  it("wants to know which, and refuses what did not fail; twice is once", async () => {
    expect((await dismiss()).code).toBe(2)
    expect(await dismiss("sh010/a.exr")).toMatchObject({ stderr: expect.stringContaining("no frame that failed") })
    await dismiss("sh010/broken.exr")
    expect(await dismiss("sh010/broken.exr")).toMatchObject({ code: 0, stderr: "Nothing to dismiss.\n" })
    expect(await factsOf(frames, "failure-dismissed")).toHaveLength(1)
  })

  it("lets a retry by name, or another version of the frame, take it up again", async () => {
    await dismiss("--prefix", "sh", "--yes")
    expect((await call(["failures", "retry", "--dir", frames.dir])).stderr).toMatch(/^0 frames taken up again/m)
    expect((await call(["failures", "retry", "sh010/broken.exr", "--dir", frames.dir])).code).toBe(1)
    expect(await failed()).toEqual(["sh010/broken.exr"])
    frames.add("sh020/broken.exr", "shifted")
    expect((await run()).stderr).toMatch(/^1 frame rendered/m)
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 2, failed: 1 })
  })
})
