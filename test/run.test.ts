import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { elementOf } from "../src/events/testing/sequence-facts.ts"
import { call, factsOf, failuresOf, historyOf, recordsOf, rowsOf, statusOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

/** One folder for all: each test leaves it with every frame made but the damaged one, until that is mended at the end. */
let frames: Frames
let first: Ended
beforeAll(async () => {
  frames = openFrames({ "sh010/a.exr": "window", "sh010/b.exr": "shifted", "broken.exr": "damaged" })
  first = await run()
})
afterAll(() => frames.remove())

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])
const made = (key: string): number => statSync(frames.path(key)).mtimeMs

const THUMB = "sh010/.proxies/a_thumb.jpg"
const PROXY = "sh010/.proxies/a_proxy.mp4"

describe("run", () => {
  it("makes what is missing, lists what failed and why, and ends with 1", () => {
    const { code, stdout, stderr } = first
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/2 frames rendered in .*, 0 up to date, 1 failed\./)
    expect(stderr).toMatch(/1 frame failed .*:\n {2}broken\.exr: picture\/damaged: .+\./)
    const outputs = frames.files().filter((key) => !key.includes(".object-metadata/"))
    expect(outputs).toEqual([
      "broken.exr",
      THUMB.replace("a_thumb.jpg", "a_proxy.mp4"),
      THUMB,
      "sh010/.proxies/b_proxy.mp4",
      "sh010/.proxies/b_thumb.jpg",
      "sh010/a.exr",
      "sh010/b.exr",
    ])
  })

  it("renders nothing the second time and says so; what failed for good is listed, not tried again", async () => {
    const before = [made(THUMB), made(PROXY), (await recordsOf(frames)).length]
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
    expect(stderr).toMatch(/^ {2}broken\.exr: picture\/damaged: /m)
    expect([made(THUMB), made(PROXY), (await recordsOf(frames)).length]).toEqual(before)
  })

  it.each([THUMB, PROXY])("makes %s again that somebody deleted, and nothing else", async (deleted) => {
    const bytes = readFileSync(frames.path(deleted))
    const other = made("sh010/.proxies/b_thumb.jpg")
    rmSync(frames.path(deleted))
    expect((await run()).stderr).toMatch(/^1 frame rendered in .*, 1 up to date, 0 failed\.$/m)
    expect(readFileSync(frames.path(deleted)).equals(bytes)).toBe(true)
    expect(made("sh010/.proxies/b_thumb.jpg")).toBe(other)
    expect((await rowsOf(frames)).length).toBe(2)
  })

  it("takes a source that was replaced, and keeps the old version's row beside the new one's", async () => {
    const [before] = await rowsOf(frames)
    rmSync(frames.path("sh010/a.exr"))
    frames.add("sh010/a.exr", "stretched")
    const later = new Date("2026-04-01T00:00:00Z")
    utimesSync(frames.path("sh010/a.exr"), later, later)
    expect((await run()).stderr).toMatch(/^1 frame rendered/m)
    const rows = (await historyOf(frames)).filter((row) => row.s3_key === "sh010/a.exr")
    expect(rows.length).toBe(2)
    expect(rows[0]).toEqual(before)
    expect(rows[1]).toMatchObject({ asset_id: before?.asset_id, thumbnail_s3_key: before?.thumbnail_s3_key })
    expect(rows[1]?.file_id).not.toBe(before?.file_id)
    expect((await rowsOf(frames)).filter((row) => row.s3_key === "sh010/a.exr")).toEqual([rows[1]])
  })
})

describe("failures", () => {
  it("list names stage, code, kind and reason", async () => {
    expect(await failuresOf(frames)).toEqual([
      {
        bucket: "show",
        key: "broken.exr",
        stage: "detect-colorspace",
        code: "picture/damaged",
        kind: "permanent",
        says: expect.stringMatching(/\.$/),
        attempts: 1,
        failedAt: expect.stringMatching(/^20.*Z$/),
      },
    ])
  })

  it("retry --code takes only those, and a key that did not fail is refused", async () => {
    const none = await call(["failures", "retry", "--code", "tool/timed-out", "--dir", frames.dir])
    expect(none).toMatchObject({ code: 0, stderr: expect.stringMatching(/^0 frames taken up again/m) })
    const wrong = await call(["failures", "retry", "sh010/a.exr", "--dir", frames.dir])
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("sh010/a.exr is no frame that failed") })
  })

  it("retry tries again what failed for good, and ends with 1 when it fails again", async () => {
    const { code, stderr } = await call(["failures", "retry", "--dir", frames.dir])
    expect(code).toBe(1)
    expect(stderr).toMatch(/1 frame taken up again: 0 rendered, 0 up to date, 1 failed\./)
    const arrivals = (await recordsOf(frames, "element-created")).map((fact) => elementOf(fact))
    expect(arrivals.filter(({ key }) => key === "broken.exr")).toMatchObject([
      { trigger: "listing", attempt: 0 },
      { trigger: "retry", attempt: 1 },
    ])
  })
})

describe("reprocess", () => {
  it("renders a frame again whose outputs are current, under the same names and ids", async () => {
    const [row] = await rowsOf(frames)
    const before = [made(THUMB), made("sh010/.proxies/b_thumb.jpg")]
    const { code, stderr } = await call(["reprocess", "sh010/a.exr", "--dir", frames.dir])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^1 frame taken up again: 1 rendered/m) })
    expect(made(THUMB)).toBeGreaterThan(before[0] ?? 0)
    expect(made("sh010/.proxies/b_thumb.jpg")).toBe(before[1])
    const [again] = await rowsOf(frames)
    expect(again?.proxy_id).toBe(row?.proxy_id)
    expect((again?.generated_timestamp ?? "") > (row?.generated_timestamp ?? "")).toBe(true)
    expect((await rowsOf(frames)).length).toBe(2)
  })

  it("--prefix takes a whole folder", async () => {
    const { stderr } = await call(["reprocess", "--prefix", "sh010/", "--force", "--dir", frames.dir])
    expect(stderr).toMatch(/^2 frames taken up again: 2 rendered, 0 up to date, 0 failed\./m)
  })

  it("refuses a key that nobody knows, and a call without any", async () => {
    expect((await call(["reprocess", "sh010/none.exr", "--dir", frames.dir])).code).toBe(1)
    expect((await call(["reprocess", "--dir", frames.dir])).code).toBe(2)
  })
})

describe("a colour rule that changes", () => {
  it("makes the frames that it is about anew, and no others", async () => {
    const [a, b] = [readFileSync(frames.path(THUMB)), made("sh010/.proxies/b_thumb.jpg")]
    writeFileSync(
      frames.path(".oiio-proxy-generator/oiio-proxy-generator.yaml"),
      "colourRules:\n  - {bucket: show, prefix: sh010/a, look: aces-sdr}\n",
    )
    expect((await run()).stderr).toMatch(/^1 frame rendered in .*, 1 up to date, 0 failed\.$/m)
    expect(readFileSync(frames.path(THUMB)).equals(a)).toBe(false)
    expect(made("sh010/.proxies/b_thumb.jpg")).toBe(b)
    const [last] = (await factsOf(frames, "proxy-made")).slice(-1)
    expect(last).toMatchObject({ element: { key: "sh010/a.exr" }, colorspace: { look: "aces-sdr" } })
    expect(last?.toolVersions.proxyLook).toMatch(/\d/)
    expect((await run()).stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
  })
})

describe("other settings", () => {
  it("make every picture again, once", async () => {
    expect((await run("--thumbnail-quality", "50")).stderr).toMatch(/^2 frames rendered/m)
    expect((await run("--thumbnail-quality", "50")).stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
    expect((await rowsOf(frames)).length).toBe(2)
  })
})

describe("a frame that was mended", () => {
  it("is rendered by `failures retry`, which ends with 0", async () => {
    rmSync(frames.path("broken.exr"))
    frames.add("broken.exr", "stretched")
    const { code, stderr } = await call(["failures", "retry", "broken.exr", "--dir", frames.dir])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/1 rendered, .* 0 failed\./) })
    expect(await failuresOf(frames)).toEqual([])
    expect((await statusOf(frames)).states).toEqual({ queued: 0, done: 3, failed: 0 })
  })
})
