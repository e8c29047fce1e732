import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call as callIn, factsOf, rowsOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { start } from "./machine/process.ts"

/** Two shots, a folder of trials, a name that looks like a pattern, and what is no frame. */
let frames: Frames
beforeAll(() => {
  frames = openFrames({
    "sh010/a.1001.exr": "window",
    "sh010/a.1002.exr": "shifted",
    "sh010/a.1003.exr": "window",
    "sh010/b.1001.exr": "window",
    "sh020/tmp/a.1001.exr": "window",
    "sh020/still [v2].exr": "window",
  })
  writeFileSync(frames.path("sh020/notes.txt"), "no frame")
})
afterAll(() => frames.remove())

const call = (...argv: readonly string[]) => callIn(argv, { cwd: frames.dir })
/** What a run would render, without rendering it. */
const wouldRender = async (...argv: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout } = await call("run", ...argv, "--dry-run")
  expect(code).toBe(0)
  return stdout.split("\n").slice(0, -1)
}

const [A1, A2, A3, B1] = ["sh010/a.1001.exr", "sh010/a.1002.exr", "sh010/a.1003.exr", "sh010/b.1001.exr"]
const [TRIAL, STILL] = ["sh020/tmp/a.1001.exr", "sh020/still [v2].exr"]

describe("what is pointed at, before there is a state", () => {
  it("is a file, a pattern or several of them, with keys below the folder that holds them all", async () => {
    expect(await wouldRender(A1)).toEqual(["a.1001.exr"])
    expect(await wouldRender("sh010/a.####.exr")).toEqual(["a.1001.exr", "a.1002.exr", "a.1003.exr"])
    expect(await wouldRender("sh010/a.%04d.exr", TRIAL)).toEqual([A1, A2, A3, TRIAL])
    expect(existsSync(frames.path("sh010/.oiio-proxy-generator"))).toBe(false)
  })

  it("is whatever has the name, where a name looks like a pattern", async () => {
    expect(await wouldRender(STILL)).toEqual(["still [v2].exr"])
  })
})

describe("a selection", () => {
  it.each([
    [["**/*.exr"], [A1, A2, A3, B1, STILL, TRIAL]],
    [["sh0*/a.@@@@.exr"], [A1, A2, A3]],
    [
      ["sh010", "sh020/tmp"],
      [A1, A2, A3, B1, TRIAL],
    ],
    [
      [".", "--include", "a.*"],
      [A1, A2, A3, TRIAL],
    ],
    [
      [".", "--include", "a.*", "--include", "sh020/*.exr", "--exclude", "tmp"],
      [A1, A2, A3, STILL],
    ],
    [
      [".", "--frames", "1001-1003x2"],
      [A1, A3, B1, TRIAL],
    ],
    [["sh010/*", "sh020/*", "--frames", "1002,1003", "--exclude", "*.1003.*"], [A2]],
  ])("%j takes %j", async (argv, keys) => {
    mkdirSync(frames.path(".oiio-proxy-generator"), { recursive: true })
    expect(await wouldRender(...argv)).toEqual(keys)
  })

  it("that takes in nothing says how much is there, and which endings were looked for", async () => {
    const { code, stderr } = await call("run", "sh010/a.####.exr", "--frames", "5-9")
    expect([code, stderr]).toEqual([
      0,
      "Nothing to do: none of 4 frames is what was asked for: sh010/a.####.exr --frames 5-9. Looked for .exr, .dpx, .tif or .tiff below sh010/.\n",
    ])
    const empty = await call("run", "sh020/*.cin", "--dry-run")
    expect(empty.stderr).toMatch(
      /^Nothing would be done: none of 2 frames .* Looked for \.exr, .* 1 other file left out/,
    )
  })

  it.each([
    [["sh030/a.1001.exr"], "does not exist"],
    [["sh010/a.1001.exr/*"], "does not exist"],
    [["sh010/a.{1..3}.exr"], "--frames 1001-1100"],
    [[".", "--frames", "ten"], "--frames ten must be numbers and ranges"],
    [[".", "--include", ""], "it is empty"],
  ])("that cannot be understood is refused: %j", async (argv, says) => {
    const { code, stderr } = await call("run", ...argv)
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
  })
})

describe("a run of some frames", () => {
  it("leaves the others as they are, and their sequence without a movie that would call them missing", async () => {
    const some = await call("run", "sh010/a.####.exr", "--frames", "1001-1003x2")
    expect(some.stderr).toMatch(/^2 frames rendered in .*, 0 up to date, 0 failed\. 2 other frames not asked for\.$/m)
    expect(some.stderr).toMatch(/^sh010\/a\.#\.exr: no movie and no report in this run, which left 1 frame of it out/m)
    expect(some.code).toBe(0)
    const again = await call("reprocess", A1)
    expect(again.stderr).toMatch(/^sh010\/a\.#\.exr: no movie and no report in this run, which left 1 frame of it out/m)
    expect(await factsOf(frames, "sequence-settled")).toEqual([])
    const other = await call("run", "sh010/b.####.exr")
    expect(other.stderr).toMatch(/3 other frames not asked for\.$/m)
    expect((await factsOf(frames, "sequence-settled")).map(({ sequence }) => sequence.head)).toEqual(["b."])
    const all = await call("run", "sh010/a.####.exr")
    expect(all.stderr).toMatch(/^1 frame rendered in .*, 2 up to date/m)
    expect(all.stderr).toMatch(/^sh010\/a\.#\.exr {2}1001-1003 {2}sh010\/\.proxies\/a_movie\.mp4$/m)
  })

  it("reports none of the others as removed, and hears of those that it is about", async () => {
    rmSync(frames.path(B1))
    renameSync(frames.path(A1), frames.path("sh010/a.1004.exr"))
    const { stderr } = await call("run", "sh010/a.*.exr")
    expect(stderr).toMatch(/^1 frame removed since the last run/m)
    const keys = (await rowsOf(frames)).map(({ s3_key }) => s3_key)
    expect(keys.toSorted()).toEqual([A2, A3, "sh010/a.1004.exr", B1])
  })

  it("can be watched", async () => {
    const watching = start([
      "run",
      frames.path("sh020"),
      frames.path("sh010"),
      "--include",
      "c.*",
      "--watch",
      "--watch-quiet-seconds",
      "1",
    ])
    await watching.says("Watching")
    frames.add("sh010/d.1001.exr", "window")
    frames.add("sh010/c.1001.exr", "window")
    const keys = async () => (await rowsOf(frames)).map(({ s3_key }) => s3_key)
    await eventually("the one that was asked for is made", async () => (await keys()).includes("sh010/c.1001.exr"))
    watching.send("SIGTERM")
    expect((await watching.ended).stderr).toMatch(/^Watched for [^,]+: 1 frame arrived, \d rendered/m)
    expect(await keys()).not.toContain("sh010/d.1001.exr")
  })
})
