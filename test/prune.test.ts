import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { answers, call, failuresOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(async () => {
  frames = openFrames({ "sh010/a.exr": "window", "sh010/b.exr": "shifted" })
  expect((await call(["run", frames.dir])).code).toBe(0)
})
afterEach(() => frames.remove())

const prune = (...flags: readonly string[]) => call(["prune", frames.dir, ...flags])

const outputs = (): readonly string[] =>
  frames.files().filter((key) => key.includes(".proxies/") && !key.includes(".object-metadata/"))

const OF_A = ["sh010/.proxies/a_proxy.mp4", "sh010/.proxies/a_thumb.jpg"]
const OF_B = ["sh010/.proxies/b_proxy.mp4", "sh010/.proxies/b_thumb.jpg"]

/** The frame is deleted, and the tables know it. */
async function removes(key: string): Promise<void> {
  rmSync(frames.path(key))
  await call(["run", frames.dir])
}

describe("prune", () => {
  it("says what would go and touches nothing; --yes deletes it, once", async () => {
    await removes("sh010/a.exr")
    const said = await prune()
    expect(said.code).toBe(0)
    expect(
      said.stdout
        .split("\n")
        .filter((line) => line !== "")
        .sort(),
    ).toEqual(OF_A.map((key) => `output   s3://show/${key}`))
    expect(said.stderr).toMatch(/^Would delete 2 outputs of sources that are gone .* --yes does it\.$/m)
    expect(outputs()).toEqual([...OF_A, ...OF_B])
    const done = await prune("--yes")
    expect(done).toMatchObject({ code: 0, stdout: said.stdout })
    expect(done.stderr).toMatch(/^Deleted 2 outputs of sources that are gone/m)
    expect(outputs()).toEqual(OF_B)
    expect((await rowsOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["sh010/b.exr"])
    expect((await prune("--yes")).stderr).toBe("Nothing to prune.\n")
  })

  it("leaves the outputs of a frame that is there, whatever the tables say", async () => {
    renameSync(frames.path("sh010/a.exr"), frames.beside("a.exr"))
    await call(["run", frames.dir])
    renameSync(frames.beside("a.exr"), frames.path("sh010/a.exr"))
    expect((await prune("--yes")).stderr).toBe("Nothing to prune.\n")
    expect(outputs()).toEqual([...OF_A, ...OF_B])
  })

  it("leaves what somebody else put under an output's name", async () => {
    await removes("sh010/a.exr")
    writeFileSync(frames.path("sh010/.proxies/a_thumb.jpg"), "painted over by hand")
    const found = await answers<object>(["prune", frames.dir, "--yes", "--json"])
    expect(found).toMatchObject([{ what: "output", bucket: "show", key: OF_A[0], source: "sh010/a.exr" }])
    expect(existsSync(frames.path("sh010/.proxies/a_thumb.jpg"))).toBe(true)
  })

  it("leaves the outputs that another source with this stem has by now", async () => {
    await removes("sh010/a.exr")
    frames.add("sh010/a.tif", "quad")
    expect((await call(["run", frames.dir])).code).toBe(0)
    await prune("--yes")
    expect(outputs()).toEqual([...OF_A, ...OF_B])
  })

  it("takes dismissed failures off `failures list --all`, and leaves their frames alone for good", async () => {
    frames.add("sh010/broken.exr", "damaged")
    await call(["run", frames.dir])
    expect((await call(["failures", "dismiss", "sh010/broken.exr", "--dir", frames.dir])).code).toBe(0)
    expect((await prune()).stdout).toBe("failure  s3://show/sh010/broken.exr  picture/damaged\n")
    expect((await prune("--yes")).stderr).toMatch(/took 1 failure of such sources or dismissed off the list/)
    expect((await prune()).stderr).toBe("Nothing to prune.\n")
    expect((await call(["failures", "list", "--all", "--json", "--dir", frames.dir])).stdout).toBe("")
    expect((await call(["run", frames.dir])).stderr).toMatch(/^Nothing to do/m)
    const rebuilt = await call(["rebuild", frames.dir, "--json"])
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
    expect((await call(["failures", "retry", "sh010/broken.exr", "--dir", frames.dir])).code).toBe(1)
  })

  it("takes failures off the list whose source is gone, and no others", async () => {
    frames.add("sh010/gone.exr", "damaged")
    frames.add("sh010/there.exr", "damaged")
    await call(["run", frames.dir])
    rmSync(frames.path("sh010/gone.exr"))
    const said = await prune("--json")
    expect(JSON.parse(said.stdout)).toEqual({
      what: "failure",
      bucket: "show",
      key: "sh010/gone.exr",
      code: "picture/damaged",
    })
    expect((await prune("--yes")).code).toBe(0)
    expect((await failuresOf(frames)).map(({ key }) => key)).toEqual(["sh010/there.exr"])
    const rebuilt = await call(["rebuild", frames.dir, "--json"])
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  })
})
