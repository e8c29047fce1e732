import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { answers, call, rowsOf, statusOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
let rendered: string

/** Frames that are done; then their rows say that an arrival waits which is in no log, as after a state was put back. */
beforeEach(async () => {
  frames = openFrames({ "sh010/a.exr": "window", "sh010/b.exr": "shifted" })
  expect((await call(["run", frames.dir])).code).toBe(0)
  rendered = (await rowsOf(frames)).map(({ generated_timestamp }) => generated_timestamp).join()
  const db = new DatabaseSync(join((await statusOf(frames)).state, "state.sqlite"))
  db.exec("UPDATE elements SET state = 'queued', render_key = NULL, element_id = 'lost ' || key")
  db.close()
  expect((await statusOf(frames)).states).toMatchObject({ queued: 2, done: 0 })
})
afterEach(() => frames.remove())

const states = async () => (await statusOf(frames)).states

describe("frames that say queued, of which the log of their folder knows nothing", () => {
  it("are taken up by the next run, which finds their outputs current", async () => {
    expect((await call(["run", frames.dir])).stderr).toContain("2 frames up to date")
    expect(await states()).toMatchObject({ queued: 0, done: 2 })
    expect((await rowsOf(frames)).map(({ generated_timestamp }) => generated_timestamp).join()).toBe(rendered)
  })

  it("are rendered by reprocess, without --force", async () => {
    const { code, stderr } = await call(["reprocess", "--prefix", "sh010/", "--dir", frames.dir])
    expect(code).toBe(0)
    expect(stderr).toContain("2 frames taken up again: 2 rendered")
    expect(await states()).toMatchObject({ queued: 0, done: 2 })
  })

  it("are what a dry run says that run would take up", async () => {
    const { stdout } = await call(["run", frames.dir, "--dry-run"])
    expect(stdout).toBe("sh010/a.exr\nsh010/b.exr\n")
    expect(await answers(["outputs", "--json", "--dir", frames.dir])).toHaveLength(2)
  })
})
