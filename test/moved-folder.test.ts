import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, expect, it } from "vitest"
import { call, factsOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(async () => {
  frames = openFrames({ "sh020/a.exr": "window", "sh020/b.exr": "shifted" })
  expect((await run()).stderr).toMatch(/^2 frames rendered in /m)
})
afterEach(() => frames.remove())

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])
const NOTHING = /^Nothing to do: (\d+) frames? up to date\.$/m
const thumbnail = (key: string): string => readFileSync(frames.path(key)).toString("base64")

/** The run renders nothing, and the one after it does not even read. */
async function expectNoRender(frameCount: number): Promise<void> {
  expect(NOTHING.exec((await run()).stderr)?.[1]).toBe(String(frameCount))
  const facts = (await factsOf(frames, "source-fetched")).length
  expect(NOTHING.exec((await run()).stderr)?.[1]).toBe(String(frameCount))
  expect((await factsOf(frames, "source-fetched")).length).toBe(facts)
}

const reused = async (key: string): Promise<boolean | undefined> =>
  (await factsOf(frames, "proxy-made")).filter(({ element }) => element.key === key).at(-1)?.reused

it("renders nothing for a moved folder: its outputs came along", async () => {
  renameSync(frames.path("sh020"), frames.path("sh021"))
  await expectNoRender(2)
  expect(await reused("sh021/a.exr")).toBe(true)
  expect((await rowsOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["sh021/a.exr", "sh021/b.exr"])
})

it("renders nothing for a copied folder, with its outputs or without", async () => {
  cpSync(frames.path("sh020"), frames.path("sh021"), { recursive: true })
  cpSync(frames.path("sh020/a.exr"), frames.path("a_v2.exr"))
  await expectNoRender(5)
  expect([await reused("sh021/b.exr"), await reused("a_v2.exr")]).toEqual([true, true])
  expect(thumbnail(".proxies/a_v2_thumb.jpg")).toBe(thumbnail("sh020/.proxies/a_thumb.jpg"))
})

it("renders nothing for a folder that was restored, state and all, under another name: its bucket keeps its name", async () => {
  const elsewhere = frames.beside("restored")
  cpSync(frames.dir, elsewhere, { recursive: true })
  const first = await call(["run", elsewhere])
  expect(first.stderr).toMatch(NOTHING)
  expect(first.stderr).toContain("stays the bucket")
  const rows = (await call(["outputs", elsewhere, "--json"])).stdout.trim().split("\n")
  const [bucket] = (await rowsOf(frames)).map(({ s3_bucket }) => s3_bucket)
  expect(rows.map((row) => JSON.parse(row).s3_bucket)).toEqual([bucket, bucket])
})

it("renders nothing on a snapshot of the state, taken while somebody reads and writes it", async () => {
  const state = frames.path(".oiio-proxy-generator/state.sqlite")
  const live = new DatabaseSync(state)
  live.exec("BEGIN; SELECT count(*) FROM elements")
  const snapshot = frames.beside("snapshot.sqlite")
  const copying = new DatabaseSync(state, { readOnly: true })
  copying.exec(`VACUUM INTO '${snapshot}'`)
  copying.close()
  live.exec("COMMIT")
  live.close()
  // As after the loss of a disk: the database is the snapshot's, and what stood beside it is gone.
  rmSync(frames.path(".oiio-proxy-generator"), { recursive: true })
  mkdirSync(frames.path(".oiio-proxy-generator"))
  cpSync(snapshot, state)
  expect((await run()).stderr).toMatch(NOTHING)
  expect(await rowsOf(frames)).toHaveLength(2)
})

it("renders nothing for a renamed file, nor for two that are swapped", async () => {
  const [one, other] = [thumbnail("sh020/.proxies/a_thumb.jpg"), thumbnail("sh020/.proxies/b_thumb.jpg")]
  renameSync(frames.path("sh020/a.exr"), frames.path("sh020/c.exr"))
  await expectNoRender(2)
  renameSync(frames.path("sh020/b.exr"), frames.path("sh020/d.exr"))
  renameSync(frames.path("sh020/c.exr"), frames.path("sh020/b.exr"))
  renameSync(frames.path("sh020/d.exr"), frames.path("sh020/c.exr"))
  await expectNoRender(2)
  expect(thumbnail("sh020/.proxies/b_thumb.jpg")).toBe(one)
  expect(thumbnail("sh020/.proxies/c_thumb.jpg")).toBe(other)
})

it("still renders where it is told to", async () => {
  const { stderr } = await call(["reprocess", "--dir", frames.dir, "--prefix", "sh020/"])
  expect(stderr).toMatch(/2 rendered, 0 up to date/)
})
