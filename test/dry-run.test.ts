import { lstatSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { call } from "./machine/answers.ts"
import { type Frames, filesBelow, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "sh010/a.exr": "window", "b.tif": "flower", "notes.txt": "window" })
})
afterEach(() => frames.remove())

/** Every file with size, inode and time of change. SQLite's shared memory is a cache that any reader may make. */
const snapshot = (): readonly string[] =>
  filesBelow(frames.dir)
    .filter((key) => !key.endsWith("-shm") && !key.endsWith("-wal"))
    .sort()
    .map((key) => {
      const { size, ino, mtimeMs } = lstatSync(join(frames.dir, key))
      return `${key} ${size} ${ino} ${mtimeMs}`
    })

it("run --dry-run says what would be rendered and writes nothing at all", async () => {
  const before = filesBelow(frames.dir)
  const { code, stdout, stderr } = await call(["run", frames.dir, "--dry-run"])
  expect({ code, stdout }).toEqual({ code: 0, stdout: "b.tif\nsh010/a.exr\n" })
  expect(stderr).toBe("Would render 2 frames; 0 up to date, 0 failed for good. 1 other file left out, by its ending.\n")
  expect(filesBelow(frames.dir)).toEqual(before)
})

it("run --dry-run knows what is done and what failed for good, beside a state that it leaves alone", async () => {
  frames.add("broken.exr", "damaged")
  await call(["run", frames.dir])
  frames.add("new.exr", "window")
  const before = snapshot()
  const { code, stdout, stderr } = await call(["run", frames.dir, "--dry-run"])
  expect({ code, stdout }).toEqual({ code: 0, stdout: "new.exr\n" })
  expect(stderr).toBe("Would render 1 frame; 2 up to date, 1 failed for good. 1 other file left out, by its ending.\n")
  expect(snapshot()).toEqual(before)
})

it("run --dry-run counts what was dismissed and what is gone, and each frame once", async () => {
  frames.add("broken.exr", "damaged")
  await call(["run", frames.dir])
  await call(["failures", "dismiss", "--dir", frames.dir, "broken.exr"])
  for (const key of ["b.tif", "notes.txt"]) rmSync(frames.path(key))
  const before = snapshot()
  const { code, stderr } = await call(["run", frames.dir, "--dry-run"])
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      "Would render 0 frames; 1 up to date, 0 failed for good, 1 dismissed. 1 frame removed since the last run.\n",
  })
  expect(snapshot()).toEqual(before)
})
