import { createHash } from "node:crypto"
import { mkdirSync, utimesSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call } from "../src/cli/testing/call.ts"
import { isOfElement, subjectOf } from "../src/events/fact.ts"
import { elementOf } from "../src/events/testing/sequence-facts.ts"
import { PROXY_OUTPUT_COLUMNS } from "../src/table/rows.ts"
import { linesOf, recordsOf, rowsOf, statusOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

const KEY = "renders/shot_010/beauty.0001.exr"
const ODD = "plates/été 01/a b+c.exr"

let frames: Frames
beforeAll(async () => {
  frames = openFrames({ [KEY]: "window", [ODD]: "shifted", "a.exr": "stretched", "broken.exr": "damaged" })
  const mtime = new Date("2026-04-01T00:00:00Z")
  for (const key of [KEY, ODD, "a.exr"]) utimesSync(frames.path(key), mtime, mtime)
  await call(["run", frames.dir])
})
afterAll(() => frames.remove())

const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest("hex")

describe("outputs", () => {
  it("has exactly the contract's 18 fields in order", async () => {
    const { stdout } = await call(["outputs", frames.dir, "--json"])
    const rows = linesOf<Record<string, unknown>>(stdout)
    expect(rows.length).toBe(3)
    for (const row of rows) expect(Object.keys(row)).toEqual([...PROXY_OUTPUT_COLUMNS])
    expect(PROXY_OUTPUT_COLUMNS.length).toBe(18)
  })

  it.each([
    [KEY, "c569308e3b01f778", "3c6e1c31ae45e0f1"],
    [ODD, "27e3a40754fdac22", "9164617a44b0a2a2"],
    ["a.exr", "d46632926dd983f7", "a4264d75c4b99abd"],
  ])("gives %s the ids of the contract's worked example", async (key, fileId, assetId) => {
    const row = (await rowsOf(frames)).find(({ s3_key }) => s3_key === key)
    const mtime = "2026-04-01T00:00:00+00:00"
    expect(row).toMatchObject({ file_id: fileId, asset_id: assetId, s3_bucket: "show" })
    expect(row?.file_id).toBe(hex("sha256", key + mtime + hex("md5", key)).slice(0, 16))
    expect(row?.asset_id).toBe(hex("md5", key).slice(0, 16))
  })

  it("says what the outputs are: names, sizes, spaces, when", async () => {
    const row = (await rowsOf(frames)).find(({ s3_key }) => s3_key === KEY)
    expect(row).toEqual({
      proxy_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
      file_id: "c569308e3b01f778",
      s3_key: KEY,
      s3_bucket: "show",
      asset_id: "3c6e1c31ae45e0f1",
      thumbnail_s3_key: "renders/shot_010/.proxies/beauty.0001_thumb.jpg",
      proxy_s3_key: "renders/shot_010/.proxies/beauty.0001_proxy.mp4",
      thumbnail_size_bytes: expect.any(Number),
      proxy_size_bytes: expect.any(Number),
      source_size_bytes: 20_829,
      source_colorspace: "lin_rec709",
      thumb_colorspace: "sRGB",
      proxy_colorspace: "Rec709",
      thumb_resolution: "256x256",
      proxy_resolution: "1920x1080",
      processing_time_seconds: expect.any(Number),
      generated_timestamp: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
      generator_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  })

  it("--csv has a header and the same rows, root keys without a leading slash", async () => {
    const { stdout } = await call(["outputs", frames.dir, "--csv"])
    const [header, ...lines] = stdout.trimEnd().split(/\r?\n/)
    expect(header).toBe(PROXY_OUTPUT_COLUMNS.join(","))
    expect(lines.length).toBe(3)
    expect(lines[0]).toContain(",a.exr,show,a4264d75c4b99abd,.proxies/a_thumb.jpg,.proxies/a_proxy.mp4,")
  })

  it("is a table for reading without a format, and takes one format at most", async () => {
    expect((await call(["outputs", frames.dir])).stdout).toMatch(/^bucket +key +colour space/)
    expect((await call(["outputs", frames.dir, "--json", "--csv"])).code).toBe(2)
  })

  it("finds the folder from below it, as it does when the state alone is named", async () => {
    const below = frames.path("renders/shot_010")
    const wanted = await rowsOf(frames)
    const found = await call(["outputs", "--json"], { cwd: below })
    expect(linesOf(found.stdout)).toEqual(wanted)
    const named = await call(["outputs", "--json"], {
      cwd: "/",
      env: { OIIO_STATE: frames.path(".oiio-proxy-generator") },
    })
    expect(linesOf(named.stdout)).toEqual(wanted)
  })
})

describe("status", () => {
  it("--json tells folder, state, owner, what is done, and how far each group is", async () => {
    const status = await statusOf(frames)
    expect(status).toMatchObject({
      bucket: "show",
      folder: frames.dir,
      state: frames.path(".oiio-proxy-generator"),
      owner: null,
      states: { queued: 0, done: 3, failed: 1 },
      failures: { "picture/damaged": 1 },
      oldestQueuedMs: null,
    })
    expect(new Set(status.lag.map(({ group }) => group))).toEqual(
      new Set([
        ...["inspector", "projector", "projector-metadata", "removals", "renderer"],
        ...["assembler", "hints", "regroup", "sequencer"],
      ]),
    )
    expect(status.lag.every(({ lag }) => lag === 0)).toBe(true)
  })

  it("says without --json that nobody is at work", async () => {
    const { stdout } = await call(["status", frames.dir])
    expect(stdout).toContain("no process is at work\n3 done, 0 queued, 1 failed\n       1  picture/damaged\n")
  })
})

/** What other groups tell of a frame, at times of their own. */
const BESIDE_RENDERS: ReadonlySet<string> = new Set(["source-inspected", "hint-reported"])

describe("events", () => {
  it("tells every topic in the order of time, each record with its place and its fact", async () => {
    const records = await recordsOf(frames)
    // Of the renderer's facts; of four headers, three of which can be read; and of the one frame that has a number, beside which
    // is looked for hints.
    expect(records.length).toBe(4 + 3 * 4 + 2 + 4 + 3 + 1)
    const times = records.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    const ofKey = records.filter(
      (fact) => isOfElement(fact) && !BESIDE_RENDERS.has(fact.topic) && subjectOf(fact).key === KEY,
    )
    expect(ofKey.map(({ topic }) => topic)).toEqual([
      "element-created",
      "source-fetched",
      "colorspace-detected",
      "thumbnail-made",
      "proxy-made",
    ])
    for (const { key } of ofKey) expect(key).toBe("show/renders/shot_010/beauty.0001")
  })

  it("takes a topic, with or without its prefix, and refuses one that is none", async () => {
    const failed = await recordsOf(frames, "element-failed")
    expect(failed.map((fact) => elementOf(fact).key)).toEqual(["broken.exr", "broken.exr"])
    expect(await recordsOf(frames, "oiio.element-failed")).toEqual(failed)
    const wrong = await call(["events", "proxy-mad", "--dir", frames.dir])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("proxy-made") })
  })

  it("--from takes an offset or a time", async () => {
    const all = await recordsOf(frames, "proxy-made")
    expect(await recordsOf(frames, "proxy-made", "--from", "1")).toEqual(all.slice(1))
    const since = new Date(all.at(-1)?.timestampMs ?? 0).toISOString()
    const late = all.filter(({ timestampMs }) => timestampMs >= (all.at(-1)?.timestampMs ?? 0))
    expect(await recordsOf(frames, "proxy-made", "--from", since)).toEqual(late)
    expect((await call(["events", "--from", "yesterday", "--dir", frames.dir])).code).toBe(2)
  })

  it("is a line a record without --json", async () => {
    const { stdout } = await call(["events", "element-failed", "--dir", frames.dir])
    expect(stdout).toMatch(/^20\S+Z {2}element-failed +0\/0 +broken\.exr {2}picture\/damaged: .+\n20.+\n$/)
  })
})

it("a folder that never had a run has no state, which every reading command says with exit code 3", async () => {
  const empty = frames.beside("empty")
  mkdirSync(empty)
  for (const command of [["outputs"], ["status"], ["failures", "list"], ["events"]]) {
    const { code, stderr } = await call([...command, "--dir", empty])
    expect({ command, code, stderr }).toEqual({ command, code: 3, stderr: expect.stringContaining("state/missing") })
  }
})
