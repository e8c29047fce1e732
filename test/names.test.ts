import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { call, failuresOf, linesOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames()
})
afterEach(() => frames.remove())

const NAMES = [
  "with space.exr",
  "per%20cent %d %04d.exr",
  "sharp #1 ####.exr",
  "a+b&c=d;e.exr",
  "line\nbreak\ttab.exr",
  "quotes 'single' \"double\" `tick` $HOME.exr",
  "-rf --help.exr",
  "back\\slash.exr",
  "übergröße 影 кадр 🎬.exr",
  "cafe\u0301.exr",
  "caf\u00e9.exr",
  "UPPER.EXR",
  "dots...exr",
  "folder with % and #/été/ shot .exr",
  "seq.0001.exr",
]

it("takes whatever a file system takes as a name, and gives it back to the letter", async () => {
  // All are one picture: how many are rendered, and how many copied, is up to who is first.
  for (const name of NAMES) frames.add(name, "window")
  const { code, stderr } = await call(["run", frames.dir])
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/frames? rendered in .* up to date, 0 failed\./),
  })
  const rows = await rowsOf(frames)
  expect(rows.map(({ s3_key }) => s3_key).sort()).toEqual([...NAMES].sort())
  for (const row of rows) {
    const slash = row.s3_key.lastIndexOf("/") + 1
    const stem = row.s3_key.slice(slash).replace(/\.[^.]*$/, "")
    expect(row.thumbnail_s3_key).toBe(`${row.s3_key.slice(0, slash)}.proxies/${stem}_thumb.jpg`)
    expect(existsSync(frames.path(row.thumbnail_s3_key))).toBe(true)
    expect(existsSync(frames.path(row.proxy_s3_key))).toBe(true)
  }
  expect((await call(["run", frames.dir])).stderr).toMatch(/^Nothing to do: 15 frames up to date\.$/m)
  const again = await call(["reprocess", "line\nbreak\ttab.exr", "--dir", frames.dir])
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("1 rendered") })
})

it("prints odd names on one line each, without control characters", async () => {
  writeFileSync(frames.path("bad\nname \u001b[31mred.exr"), "no picture")
  const { stderr } = await call(["run", frames.dir])
  expect(stderr).not.toContain("\u001b")
  // As it happens, and in the sum at the end.
  const told = stderr.split("\n").filter((line) => line.includes("picture/not-a-picture"))
  expect(told).toEqual(
    ["failed: ", "  "].map((before) => expect.stringMatching(new RegExp(`^${before}\\S*bad.*red\\.exr: picture`))),
  )
  expect((await call(["run", frames.dir, "--dry-run", "--thumbnail-quality", "50"])).stdout.split("\n").length).toBe(2)
  const { stdout } = await call(["failures", "list", frames.dir, "--json"])
  expect(linesOf<{ key: string }>(stdout)[0]?.key).toBe("bad\nname \u001b[31mred.exr")
})

it("tells of a name that is not valid UTF-8, and takes the others", async () => {
  frames.add("good.exr", "window")
  writeFileSync(Buffer.concat([Buffer.from(`${frames.dir}/bad-`), Buffer.of(0xff, 0xfe), Buffer.from(".exr")]), "x")
  const { code, stderr } = await call(["run", frames.dir])
  expect(code).toBe(1)
  expect(stderr).toContain("1 frame rendered")
  expect(stderr).toMatch(/bad-.*xff.*not valid UTF-8; rename it/)
  expect(stderr).toContain("code: store/bad-key")
})

it("fails a name that leaves no room for its outputs' names, and takes the others", async () => {
  frames.add("good.exr", "window")
  const long = `${"n".repeat(250)}.exr`
  frames.add(long, "window")
  expect((await call(["run", frames.dir])).code).toBe(1)
  const [failure] = await failuresOf(frames)
  expect(failure).toMatchObject({ key: long, code: "store/bad-key", kind: "permanent" })
  expect((await rowsOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["good.exr"])
})

it("takes a folder whose own name is odd: it is the bucket", async () => {
  const odd = join(frames.beside("odd"), "Projekt Ä #1 %20")
  mkdirSync(odd, { recursive: true })
  frames.add("../odd/Projekt Ä #1 %20/a.exr", "window")
  expect((await call(["run", odd])).code).toBe(0)
  expect(await rowsOf({ dir: odd })).toMatchObject([{ s3_bucket: "Projekt Ä #1 %20", s3_key: "a.exr" }])
})
