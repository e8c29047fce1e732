import { spawnSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Frames, openFrames } from "./machine/frames.ts"
import { type Ended, run } from "./machine/process.ts"

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534
const STATE = ".oiio-proxy-generator"

let frames: Frames
beforeAll(async () => {
  frames = openFrames({ "a.exr": "window" })
  expect((await run(["run", frames.dir, "--scratch", frames.beside("scratch")])).code).toBe(0)
})
afterAll(() => frames.remove())

const READERS = ["status", "outputs", "failures list", "run --dry-run", "prune"]
const OWNERS = ["run", "rebuild", "prune --yes"]

const answerOf = (command: string, dir: string, options: { readonly uid?: number } = {}): Promise<Ended> => {
  const [name = "", ...rest] = command.split(" --")
  return run([...name.split(" "), dir, ...rest.map((option) => `--${option}`)], options)
}

/** One sentence and its code: what is wrong, and what to do. */
const sentence = (says: RegExp) => ({
  stdout: "",
  stderr: expect.stringMatching(new RegExp(`^error: .*${says.source}`)),
})

describe("on a disk that is mounted read-only", () => {
  let disk: string
  let isMounted = false
  beforeAll(() => {
    disk = frames.beside("mounted")
    mkdirSync(disk)
    isMounted =
      spawnSync("mount", ["--bind", frames.dir, disk]).status === 0 &&
      spawnSync("mount", ["-o", "remount,ro,bind", disk]).status === 0
  })
  beforeEach((context) => {
    if (!isMounted) context.skip("mounting a disk read-only needs root")
  })
  afterAll(() => {
    spawnSync("umount", [disk])
  })

  it.each(READERS)("%s reads the state", async (command) => {
    const { code, stderr } = await answerOf(command, disk)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("error") })
  })

  it.each(OWNERS)("%s says that the state cannot be written there", async (command) => {
    expect(await answerOf(command, disk)).toMatchObject({
      code: 3,
      ...sentence(/lies on a disk that is mounted read-only: name another with --state DIR\./),
    })
  })

  it("what is not merged into the database yet is not left out without a word", async () => {
    writeFileSync(join(frames.dir, STATE, "state.sqlite-wal"), "the log of a process that was killed")
    const told = await answerOf("status", disk)
    const again = await answerOf("status", frames.dir)
    expect(told).toMatchObject({ code: 3, ...sentence(/its last changes are not merged yet: copy the folder/) })
    expect(again.code).toBe(0)
  })
})

describe("for a user without rights", () => {
  const user = isRoot ? { uid: NOBODY } : {}
  beforeAll(() => {
    // Where they lie from earlier, they do for readers.
    for (const suffix of ["-wal", "-shm"]) rmSync(frames.path(`${STATE}/state.sqlite${suffix}`), { force: true })
    if (!isRoot) return
    for (const path of ["", "a.exr", STATE, ...readdirSync(frames.path(STATE)).map((name) => join(STATE, name))])
      chownSync(frames.path(path), NOBODY, NOBODY)
    chownSync(join(frames.dir, ".."), NOBODY, NOBODY)
  })

  const withMode = async (path: string, mode: number, work: () => Promise<void>): Promise<void> => {
    chmodSync(path, mode)
    try {
      await work()
    } finally {
      chmodSync(path, 0o755)
    }
  }

  it.each(READERS)("%s of a state that may only be read says which right is missing", async (command) => {
    await withMode(frames.path(STATE), 0o555, async () => {
      expect(await answerOf(command, frames.dir, user)).toMatchObject({
        code: 3,
        ...sentence(/without the right to write there.*: give this user that right, or copy the folder/),
      })
    })
  })

  it.each([...READERS, ...OWNERS])("%s of a folder that may not be entered names the folder", async (command) => {
    await withMode(frames.dir, 0o000, async () => {
      expect(await answerOf(command, frames.dir, user)).toMatchObject({
        code: 2,
        ...sentence(/The folder \S+show may not be entered by this user: give this user that right\./),
      })
    })
  })

  it("a database that may not be read says so", async () => {
    await withMode(frames.path(`${STATE}/state.sqlite`), 0o000, async () => {
      expect(await answerOf("status", frames.dir, user)).toMatchObject({
        code: 3,
        ...sentence(/may not be read by this user: give this user the right to read it\./),
      })
    })
  })

  it("contact-sheet --out into a folder that may not be written names another file", async () => {
    const shut = frames.beside("shut")
    mkdirSync(shut, { mode: 0o555 })
    const { code, stderr } = await run(["contact-sheet", frames.dir, "--out", join(shut, "x.html")], user)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: --out \S+ may not be written by this user: name another file\./),
    })
  })

  it("doctor says that the state cannot be written", async () => {
    await withMode(frames.path(STATE), 0o555, async () => {
      const { code, stdout } = await run(["doctor", frames.dir], user)
      expect({ code, stdout }).toEqual({
        code: 3,
        stdout: expect.stringMatching(
          /state +missing +\S+ cannot be written: name another directory with --state DIR\./,
        ),
      })
    })
  })
})
