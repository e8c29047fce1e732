import { readFileSync, rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call, factsOf, linesOf, rowsOf } from "../machine/answers.ts"
import { type Frames, openFrames } from "../machine/frames.ts"
import {
  type Bucket,
  completions,
  lookUp,
  mediaUrls,
  metadataPanel,
  pipelineStatus,
  poll,
  processingStatus,
} from "./harbor.ts"

const EXR = "shots/sh010/beauty.0001.exr"
const UPPER = "shots/sh010/PLATE.0001.DPX"
const ROOT = "root.tif"
const KEYS = [ROOT, UPPER, EXR]

let frames: Frames
let bucket: Bucket
const commands = (...argv: readonly string[]) => call(argv, { env: { OIIO_SPACEHARBOR: "true" } })

beforeAll(async () => {
  frames = openFrames({ [EXR]: "beachball", [UPPER]: "film", [ROOT]: "flower" })
  bucket = {
    name: "show",
    // Keys of a bucket are texts: a folder would resolve `./`.
    has: async (key) => frames.files().includes(key),
    read: async (key) => readFileSync(frames.path(key)),
    presign: async (key) => `https://signed/${key}`,
  }
  expect(await commands("run", frames.dir, "--notifications", frames.beside("told.jsonl"))).toMatchObject({ code: 0 })
})
afterAll(() => frames.remove())

describe("SpaceHarbor, over the outputs of a run", () => {
  it.each(KEYS)("finds an address for all media of %s", async (key) => {
    const stem = key.replace(/([^/]*)\.[^.]*$/, ".proxies/$1")
    expect(await mediaUrls(bucket, key)).toEqual({
      source: `https://signed/${key}`,
      thumbnail: `https://signed/${stem}_thumb.jpg`,
      preview: `https://signed/${stem}_preview.jpg`,
      proxy: `https://signed/${stem}_proxy.mp4`,
    })
  })

  it.each(KEYS)("says that all of %s is ready", async (key) => {
    expect(await processingStatus(bucket, key)).toMatchObject({
      ...{ file_kind: "image", thumb_ready: true, preview_ready: true, proxy_ready: true, metadata_ready: true },
    })
  })

  it.each([
    [EXR, 20],
    [UPPER, 3],
    [ROOT, 3],
  ])("draws its panels of the metadata of %s: %i channels, and every block", async (key, pills) => {
    expect(await metadataPanel(bucket, key)).toMatchObject({
      ...{ status: 200, schema_version: 1, file_kind: "image", pills },
      panels: ["file", "color", "camera", "timecode", "production", "extraction"],
    })
  })

  it("is done with a dispatched frame, and keeps both addresses", async () => {
    const stem = "s3://show/shots/sh010/.proxies/beauty.0001"
    expect(await poll(bucket, EXR)).toEqual({ thumbnail_url: `${stem}_thumb.jpg`, proxy_url: `${stem}_proxy.jpg` })
  })

  it("never is with a name in capitals, or at the top of a bucket, by faults of its poller", async () => {
    expect([await poll(bucket, UPPER), await poll(bucket, ROOT)]).toEqual([null, null])
  })

  it("is told of no completion that it would burn, where nobody named a job", () => {
    const told = linesOf<{ readonly type: string }>(readFileSync(frames.beside("told.jsonl"), "utf8"))
    const harbor = completions(["job-1"])
    expect(told.map((message) => harbor.take(message))).toEqual(["ignored", "ignored", "ignored"])
    expect([...harbor.used]).toEqual([])
    expect(pipelineStatus(harbor.metadataOf.get("job-1"))).toMatchObject({ completed: false })
  })

  it("finds a frame's row by its path, without the bucket at its second try", async () => {
    const found = lookUp(await rowsOf(frames), { bucket: "show", path: EXR })
    expect(found).toMatchObject([{ s3_key: EXR, s3_bucket: "show" }])
  })
})

describe("the commands know the outputs of SpaceHarbor", () => {
  it("a second run and a dry run have nothing to do; a lost one of them is made again", async () => {
    expect((await commands("run", frames.dir)).stderr).toContain("3 frames up to date")
    rmSync(frames.path("shots/sh010/.proxies/beauty.0001_metadata.json"))
    expect((await commands("run", frames.dir, "--dry-run")).stdout).toBe(`${EXR}\n`)
    await commands("run", frames.dir)
    expect((await metadataPanel(bucket, EXR)).status).toBe(200)
  })

  it("all five tell what made them: a run without its state renders nothing", async () => {
    const { stderr } = await call(["run", frames.dir, "--state", frames.beside("another state"), "--spaceharbor"])
    expect(stderr).toContain("Nothing to do: 3 frames up to date.")
  })

  it("facts name all five, and a contact sheet takes them", async () => {
    const facts = await factsOf(frames, "proxy-made")
    for (const { furtherOutputs } of facts)
      expect(furtherOutputs.map(({ name }) => name)).toEqual(["preview", "still", "metadata"])
    expect(await commands("contact-sheet", frames.dir, "--out", frames.beside("sheet.html"))).toMatchObject({ code: 0 })
  })

  it("prune deletes all five of a source that is gone, and none of its neighbour's", async () => {
    rmSync(frames.path(EXR))
    await commands("run", frames.dir)
    const { stdout } = await commands("prune", frames.dir, "--yes")
    expect(stdout.trimEnd().split("\n").length).toBe(5)
    const left = frames.files().filter((key) => key.startsWith("shots/sh010/.proxies/"))
    expect(left.filter((key) => !key.includes(".object-metadata/")).length).toBe(5)
    expect((await processingStatus(bucket, EXR)).thumb_ready).toBe(false)
  })
})
