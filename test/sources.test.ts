import { writeFileSync } from "node:fs"
import sharp from "sharp"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { call } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(async () => {
  frames = openFrames({ "sh010/a.exr": "window" })
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 200, g: 60, b: 20 } } })
  writeFileSync(frames.path("sh010/a.png"), await picture.png().toBuffer())
  writeFileSync(frames.path("sh010/b.JPG"), await picture.jpeg().toBuffer())
  writeFileSync(frames.path("sh010/._c.png"), "by-work of another system")
})
afterEach(() => frames.remove())

const wouldRender = async (...flags: readonly string[]): Promise<string> =>
  (await call(["run", frames.dir, "--dry-run", ...flags])).stdout

describe("which files are sources", () => {
  it("the contract's, where no setting says otherwise", async () => {
    expect(await wouldRender()).toBe("sh010/a.exr\n")
  })

  it("every format that is read with --all-formats; hidden files never", async () => {
    expect(await wouldRender("--all-formats")).toBe("sh010/a.exr\nsh010/a.png\nsh010/b.JPG\n")
  })

  it("those that --sources names, with or without a dot", async () => {
    expect(await wouldRender("--sources", "PNG,.exr")).toBe("sh010/a.exr\nsh010/a.png\n")
  })

  it("none that is not read: the nearest name is told", async () => {
    const { code, stderr } = await call(["run", frames.dir, "--sources", "pgn"])
    expect(code).toBe(2)
    expect(stderr).toContain('"pgn" is no ending that is read. Did you mean "png"?')
  })

  it("a folder without any says what was looked for", async () => {
    const { stderr } = await call(["run", frames.dir, "--dry-run", "--sources", "dpx,jpeg"])
    expect(stderr).toContain("Looked for .dpx or .jpeg, in all folders below.")
  })
})

it("sources of one stem keep outputs of their own, and a second run finds them all made", async () => {
  const { code, stderr } = await call(["run", frames.dir, "--all-formats"])
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^3 frames rendered/m) })
  const outputs = frames.files().filter((key) => key.includes("/.proxies/") && !key.includes(".object-metadata/"))
  const [first, second] = outputs.includes("sh010/.proxies/a.png_thumb.jpg") ? ["a", "a.png"] : ["a", "a.exr"]
  expect(outputs).toEqual(
    [first, second, "b"]
      .flatMap((name) => [`sh010/.proxies/${name}_proxy.mp4`, `sh010/.proxies/${name}_thumb.jpg`])
      .sort(),
  )
  expect((await call(["run", frames.dir, "--all-formats"])).stderr).toContain("Nothing to do: 3 frames up to date.")
  expect((await call(["run", frames.dir])).stderr).toContain("Nothing to do: 1 frame up to date.")
})
