import { readFileSync, rmSync, utimesSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { assetIdOf } from "../src/events/identity.ts"
import { call, linesOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { run } from "./machine/process.ts"

type Message = { readonly [name: string]: unknown; readonly type: string }

const KEY = "renders/shot_010/beauty.0001.exr"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ [KEY]: "window" })
  const mtime = new Date("2026-04-01T00:00:00Z")
  utimesSync(frames.path(KEY), mtime, mtime)
})
afterEach(() => frames.remove())

const told = (): readonly Message[] => linesOf(readFileSync(frames.beside("told.jsonl"), "utf8"))
const tell = (...command: readonly string[]) => call([...command, "--notifications", frames.beside("told.jsonl")])

const thumbnail = "s3://show/renders/shot_010/.proxies/beauty.0001_thumb.jpg"
const proxy = "s3://show/renders/shot_010/.proxies/beauty.0001_proxy.mp4"

describe("notifications to a file", () => {
  it("are proxy.generated and the completion event, field by field as the contract has them", async () => {
    await tell("run", frames.dir)
    const [row] = await rowsOf(frames)
    const timestamp = row?.generated_timestamp ?? ""
    expect(told()).toEqual([
      {
        type: "proxy.generated",
        asset_id: "3c6e1c31ae45e0f1",
        thumbnail_uri: thumbnail,
        proxy_uri: proxy,
        thumbnail_size_bytes: row?.thumbnail_size_bytes,
        proxy_size_bytes: row?.proxy_size_bytes,
        source_size_bytes: row?.source_size_bytes,
        timestamp,
      },
      {
        specversion: "1.0",
        type: "vast.dataengine.pipeline.completed",
        source: "spaceharbor/oiio_proxy_generator",
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        time: timestamp.replace(/(\.\d{3})\d{3}\+00:00$/, "$1Z"),
        datacontenttype: "application/json",
        data: {
          asset_id: "3c6e1c31ae45e0f1",
          job_id: "",
          function_id: "oiio_proxy_generator",
          success: true,
          s3_bucket: "show",
          s3_key: KEY,
          metadata: {
            asset_id: "3c6e1c31ae45e0f1",
            file_id: "c569308e3b01f778",
            thumbnail_uri: thumbnail,
            proxy_uri: proxy,
            thumbnail_url: thumbnail,
            proxy_url: proxy,
          },
        },
      },
    ])
  })

  it("tell of a failure with success false, an error, and no metadata; a retry has another id", async () => {
    rmSync(frames.path(KEY))
    frames.add("broken.exr", "damaged")
    await tell("run", frames.dir)
    await tell("failures", "retry", "--dir", frames.dir)
    const [first, second] = told()
    expect(first).toEqual({
      specversion: "1.0",
      type: "vast.dataengine.pipeline.completed",
      source: "spaceharbor/oiio_proxy_generator",
      id: expect.any(String),
      time: expect.stringMatching(/^20.*T.*\.\d{3}Z$/),
      datacontenttype: "application/json",
      data: {
        asset_id: assetIdOf("broken.exr"),
        job_id: "",
        function_id: "oiio_proxy_generator",
        success: false,
        s3_bucket: "show",
        s3_key: "broken.exr",
        error: expect.stringMatching(/^picture\/damaged: .+/),
      },
    })
    expect(told().length).toBe(2)
    expect(second?.id).not.toBe(first?.id)
  })

  it("are appended, never repeated for what is up to date, and silent while tables are rebuilt", async () => {
    await tell("run", frames.dir)
    await tell("run", frames.dir)
    await call(["rebuild", frames.dir])
    expect(told().length).toBe(2)
    await tell("reprocess", KEY, "--dir", frames.dir)
    expect(told().length).toBe(4)
    const [, before, , after] = told()
    // One object state and job is one completion, however often it is rendered: its receiver drops the repeat.
    expect(after?.id).toBe(before?.id)
  })
})

it("notifications to - are lines on standard output, and nothing else is", async () => {
  const { code, stdout } = await run(["run", frames.dir, "--notifications", "-"])
  expect(code).toBe(0)
  expect(linesOf<Message>(stdout).map(({ type }) => type)).toEqual([
    "proxy.generated",
    "vast.dataengine.pipeline.completed",
  ])
})

it("nobody is told where nobody asked", async () => {
  expect((await call(["run", frames.dir])).stdout).toBe("")
})
