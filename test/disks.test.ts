import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { leftOverIn } from "./crash/left-over.ts"
import { failuresOf, rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, FULL_PROXIES, filesBelow, openFrames } from "./machine/frames.ts"
import { run, start } from "./machine/process.ts"

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "open/a.exr": "window", "shut/b.exr": "shifted" })
})
afterEach(() => frames.remove())

/** Everything belongs to an ordinary user, whom permissions hold back; root gives up its rights for it. */
function handOver(): { readonly uid: number } | Record<string, never> {
  if (!isRoot) return {}
  for (const path of ["", "open", "shut", "open/a.exr", "shut/b.exr"]) chownSync(frames.path(path), NOBODY, NOBODY)
  chownSync(join(frames.dir, ".."), NOBODY, NOBODY)
  return { uid: NOBODY }
}

describe("without the right to", () => {
  it("list a folder, it says so, makes what it can, and ends with 1; with the right it makes the rest", async () => {
    const user = handOver()
    chmodSync(frames.path("shut"), 0o000)
    const { code, stderr } = await run(["run", frames.dir, "--scratch", frames.beside("scratch")], user)
    chmodSync(frames.path("shut"), 0o755)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("code: store/denied") })
    expect(stderr).toContain("1 frame rendered")
    expect(stderr).toMatch(/The folder .*shut.* is not accessible/)
    const next = await run(["run", frames.dir, "--scratch", frames.beside("scratch")], user)
    expect(next).toMatchObject({ code: 0, stderr: expect.stringContaining("1 frame rendered") })
  })

  it("read a file, the frame fails, and `failures retry` makes it once it may be read", async () => {
    const user = handOver()
    chmodSync(frames.path("shut/b.exr"), 0o000)
    expect((await run(["run", frames.dir, "--scratch", frames.beside("scratch")], user)).code).toBe(1)
    expect(await failuresOf(frames)).toMatchObject([{ key: "shut/b.exr", code: "store/denied", kind: "permanent" }])
    chmodSync(frames.path("shut/b.exr"), 0o644)
    const retried = await run(["failures", "retry", "--dir", frames.dir, "--scratch", frames.beside("scratch")], user)
    expect(retried.code).toBe(0)
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 2, failed: 0 })
  })

  it("write the state, and without a place of the user's own, it says what to do; --state elsewhere works", async () => {
    const user = handOver()
    chmodSync(frames.dir, 0o555)
    const { code, stderr } = await run(["run", frames.dir], user)
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/--state DIR/) })
    expect(stderr).toContain("code: state/unusable")
    const elsewhere = await run(["run", frames.dir, "--state", frames.beside("state")], user)
    expect(elsewhere.code).toBe(0)
    chmodSync(frames.dir, 0o755)
  })
})

describe("a disk that is full", () => {
  let disk: string
  let mounted = false
  beforeEach((context) => {
    disk = frames.beside("disk")
    mkdirSync(disk)
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status === 0
    if (!mounted) context.skip("mounting a small disk needs root")
  })
  afterEach(() => {
    if (mounted) execFileSync("umount", [disk])
    mounted = false
  })

  /** Movies that need more than the few pages that are left. */
  const full = { env: FULL_PROXIES }

  /** Leaves no room but for a few pages. */
  const fill = (): void => {
    const { bavail = 0, bsize = 0 } = JSON.parse(
      execFileSync("stat", ["-f", "-c", '{"bavail":%a,"bsize":%S}', disk], { encoding: "utf8" }),
    )
    writeFileSync(join(disk, "ballast"), Buffer.alloc(Math.max(0, bavail * bsize - 24_000)))
  }

  it("under the frames pauses the work, says so, and makes everything once there is room", async () => {
    const show = join(disk, "show")
    mkdirSync(show)
    frames.add("../disk/show/a.exr", "window")
    frames.add("../disk/show/b.exr", "shifted")
    fill()
    const where = { dir: show, state: frames.beside("state") }
    const running = start(["run", show, "--state", where.state, "--backoff-max-ms", "500"], full)
    await running.says("waiting: store/full: ")
    expect((await statusOf(where)).states).toMatchObject({ done: 0, failed: 0 })
    rmSync(join(disk, "ballast"))
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("2 frames rendered") })
    expect((await statusOf(where)).states).toEqual({ queued: 0, done: 2, failed: 0 })
    const leftOver = filesBelow(show).filter((key) => /\.upload|\.claim/.test(key))
    expect(leftOver).toEqual([])
  })

  it("lets itself be stopped meanwhile, and the next run goes on where it ended", async () => {
    const show = join(disk, "show")
    mkdirSync(show)
    frames.add("../disk/show/a.exr", "window")
    fill()
    const where = { dir: show, state: frames.beside("state") }
    const argv = ["run", show, "--state", where.state, "--scratch", frames.beside("scratch")]
    const running = start(argv, full)
    await running.says("waiting: store/full: ")
    running.send("SIGTERM")
    expect((await running.ended).code).toBe(0)
    expect(await leftOverIn(frames.beside("scratch"))).toEqual([])
    expect((await statusOf(where)).states).toEqual({ queued: 1, done: 0, failed: 0 })
    rmSync(join(disk, "ballast"))
    expect((await run(argv, full)).code).toBe(0)
    expect((await statusOf(where)).states).toEqual({ queued: 0, done: 1, failed: 0 })
  })

  it("under the scratch space is waited out, too", async () => {
    const argv = ["run", frames.dir, "--scratch", join(disk, "scratch"), "--backoff-max-ms", "500"]
    const running = start(argv)
    await running.says("waiting: scratch/full: ")
    execFileSync("mount", ["-o", "remount,size=256m", disk])
    expect((await running.ended).code).toBe(0)
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 2, failed: 0 })
  })

  it("under the state ends the run with 3 and the reason, costs no fact, and the next run goes on", async () => {
    const where = { dir: frames.dir, state: join(disk, "state") }
    const argv = ["run", frames.dir, "--state", where.state]
    expect((await run(argv)).code).toBe(0)
    const rows = await rowsOf(where)
    fill()
    for (let n = 0; n < 200; n += 1) frames.add(`open/more.${n}.exr`, "damaged")
    const { code, stderr } = await run(argv)
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/disk .* is full: make room/) })
    expect(await rowsOf(where)).toEqual(rows)
    rmSync(join(disk, "ballast"))
    execFileSync("mount", ["-o", "remount,size=64m", disk])
    expect((await run(argv)).code).toBe(1)
    expect((await statusOf(where)).states).toEqual({ queued: 0, done: 2, failed: 200 })
    expect(await rowsOf(where)).toEqual(rows)
  })

  it("under the state of a watched folder is waited out", async () => {
    const where = { dir: frames.dir, state: join(disk, "state") }
    const quick = ["--watch-quiet-seconds", "1", "--watch-poll-seconds", "1", "--backoff-max-ms", "500"]
    const running = start(["run", frames.dir, "--state", where.state, "--watch", ...quick])
    const inState = (state: "done" | "failed", frameCount: number) => async (): Promise<boolean> =>
      (await statusOf(where)).states[state] === frameCount
    await running.says("Watching")
    await eventually("both frames are done", inState("done", 2))
    fill()
    for (let n = 0; n < 200; n += 1) frames.add(`open/more.${n}.exr`, "damaged")
    await running.says("disk of the database is full")
    execFileSync("mount", ["-o", "remount,size=64m", disk])
    await eventually("all the others are taken", inState("failed", 200))
    running.send("SIGTERM")
    expect((await running.ended).code).toBe(0)
  })
})
