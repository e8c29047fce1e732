import { existsSync, mkdirSync, symlinkSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { leftOverIn, namesIn, processesIn } from "./crash/left-over.ts"
import { rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames, type Sample } from "./machine/frames.ts"
import { type HeldTool, heldTool } from "./machine/held-tool.ts"
import { PROGRAM, run, type Started, start } from "./machine/process.ts"

const SAMPLES: readonly Sample[] = ["window", "shifted", "stretched", "grey", "rings", "quad"]

let frames: Frames
let scratch: string
let tool: HeldTool
beforeEach(async () => {
  frames = openFrames(Object.fromEntries(SAMPLES.map((sample, index) => [`${index}.exr`, sample] as const)))
  scratch = frames.beside("scratch")
  tool = await heldTool(frames.beside("."))
})
afterEach(() => frames.remove())

/** A run with one render at a time, which lasts until the tool is released: a stop always leaves something undone. */
const slowRun = (): Started =>
  start(["run", frames.dir, "--scratch", scratch, "--renders-in-flight", "1", ...tool.flags])

const toolsAtWork = () => eventually("a picture tool is at work", () => processesIn(scratch).length > 0)

describe("SIGTERM", () => {
  it("lets what is begun come to its end, exits 0, and leaves the rest to the next run", async () => {
    const running = slowRun()
    await toolsAtWork()
    running.send("SIGTERM")
    await running.says("Stopping")
    tool.release()
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("Stopping: what is begun is finished."),
    })
    expect(stderr).toMatch(/^Stopped: \d frames? rendered, 0 failed, the rest is for the next run\.$/m)
    expect([await leftOverIn(scratch), namesIn(scratch)]).toEqual([[], []])
    const { done, queued, failed } = (await statusOf(frames)).states
    expect(done).toBeGreaterThan(0)
    expect(queued).toBeGreaterThan(0)
    expect(done + queued + failed).toBe(6)
    expect((await rowsOf(frames)).length).toBe(done)
    const next = await run(["run", frames.dir])
    expect(next).toMatchObject({ code: 1, stderr: expect.stringContaining("5.exr: picture/not-a-picture") })
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 5, failed: 1 })
  })

  it("ends a run that has nothing to do but watch, with 0", async () => {
    const running = start(["run", frames.dir, "--watch"])
    await running.says("Watching")
    running.send("SIGTERM")
    expect((await running.ended).code).toBe(0)
  })
})

describe("SIGINT", () => {
  it("drains and exits 130", async () => {
    const running = slowRun()
    await toolsAtWork()
    running.send("SIGINT")
    await running.says("Stopping")
    tool.release()
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining("Ctrl-C again aborts") })
    expect((await statusOf(frames)).states.done).toBeGreaterThan(0)
  })

  it("twice gives up at once what is begun: no child, no scratch, nothing acknowledged", async () => {
    const running = slowRun()
    await toolsAtWork()
    running.send("SIGINT")
    await running.says("Stopping")
    running.send("SIGINT")
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining("Aborting.") })
    expect([await leftOverIn(scratch), namesIn(scratch)]).toEqual([[], []])
    const { done, queued, failed } = (await statusOf(frames)).states
    expect([done + queued, failed]).toEqual([6, 0])
    expect(queued).toBeGreaterThan(0)
  })
})

describe("one owner of a state", () => {
  it("a second run says who owns it and exits 3; reading commands go on", async () => {
    const owner = start(["run", frames.dir, "--watch", "--scratch", scratch])
    await owner.says("Watching")
    for (const command of [
      ["run", frames.dir],
      ["reprocess", "0.exr", "--dir", frames.dir],
      ["failures", "retry", "--dir", frames.dir],
      ["rebuild", frames.dir],
    ]) {
      const { code, stderr } = await run(command)
      expect({ command, code }).toEqual({ command, code: 3 })
      expect(stderr).toContain(`is owned by \`run\`, process ${owner.pid} on `)
      expect(stderr).toContain("code: state/owned")
    }
    expect((await run(["outputs", frames.dir])).code).toBe(0)
    expect((await statusOf(frames)).owner).toMatchObject({ pid: owner.pid, command: "run" })
    owner.send("SIGTERM")
    await owner.ended
  })

  it("is free again when its owner was killed", async () => {
    const owner = start(["run", frames.dir, "--watch"])
    await owner.says("Watching")
    owner.send("SIGKILL")
    await owner.ended
    expect((await run(["rebuild", frames.dir])).code).toBe(0)
  })
})

describe("exit codes", () => {
  it("0: done", async () => {
    const few = openFrames({ "a.exr": "window" })
    expect((await run(["run", few.dir])).code).toBe(0)
    few.remove()
  })

  it("1: finished, but some failed", async () => {
    const few = openFrames({ "a.exr": "damaged" })
    expect((await run(["run", few.dir])).code).toBe(1)
    few.remove()
  })

  it.each([
    ["an unknown command", ["rnu"]],
    ["an unknown flag", ["run", ".", "--wach"]],
    ["a setting out of range", ["run", ".", "--proxy-crf", "99"]],
    ["a folder that is not there", ["run", "/nonexistent/frames"]],
  ])("2: %s", async (_, argv) => {
    const { code, stdout, stderr } = await run(argv, { cwd: frames.dir })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).not.toBe("")
  })

  it("3: a tool is missing, which is said before anything is taken in", async () => {
    const { code, stderr } = await run(["run", frames.dir, "--oiiotool", "/nonexistent/oiiotool"])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("code: tool/missing") })
    expect((await run(["doctor", frames.dir, "--oiiotool", "/nonexistent/oiiotool"])).code).toBe(3)
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 0, failed: 0 })
  })

  it("3: the state cannot be used", async () => {
    expect((await run(["run", frames.dir, "--state", "/etc/hostname/state"])).code).toBe(3)
  })
})

describe("the command", () => {
  it("works through a link, from another folder, with relative paths", async () => {
    const few = openFrames({ "a.exr": "window" })
    symlinkSync(PROGRAM, few.beside("proxies"))
    mkdirSync(few.beside("states"))
    const options = { program: few.beside("proxies"), cwd: few.beside("states") }
    expect((await run(["run", "../show", "--state", "mine"], options)).code).toBe(0)
    expect(existsSync(few.beside("states/mine/state.sqlite"))).toBe(true)
    expect(few.files().filter((key) => key.startsWith(".proxies/a_"))).toEqual([
      ".proxies/a_proxy.mp4",
      ".proxies/a_thumb.jpg",
    ])
    const rows = await run(["outputs", "--json"], { ...options, env: { OIIO_STATE: "mine" } })
    expect(JSON.parse(rows.stdout)).toMatchObject({ s3_key: "a.exr", s3_bucket: "show" })
    few.remove()
  })
})
