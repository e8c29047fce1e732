import { copyFileSync, readFileSync, rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { decodedPictures } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { answers, call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"

/** Two seconds of film that span three segments, the last of one frame: 1006 to 1009, 1055 and 1056 never came. */
const SHOT = { 1006: "window", 1007: "shifted", 1008: "rings", 1009: "stretched", 1057: "window" } as const
const REVIEW = "sh010/.proxies/beauty_v002_review.mp4"

/** Copies show the day on which their frames were made: it is noon, so that no test meets midnight. */
const DAY_MS = 86_400_000
const toNoonMs = DAY_MS - (Date.now() % DAY_MS) + DAY_MS / 2
const nowMs = Date.now
const noon = () => vi.spyOn(Date, "now").mockImplementation(() => nowMs() + toNoonMs)

let frames: Frames
let first: Ended
beforeAll(async () => {
  noon()
  frames = openFrames(Object.fromEntries(Object.entries(SHOT).map(([frame, of]) => [keyOf(Number(frame)), of])))
  first = await run("--review")
})
afterAll(() => {
  vi.restoreAllMocks()
  frames.remove()
})

const keyOf = (frame: number): string => `sh010/beauty_v002.${frame}.exr`
const run = (...flags: readonly string[]) => call(["run", frames.dir, "--proxy-preset", "ultrafast", ...flags])

describe("run --review", () => {
  it("makes a review copy beside the movie: a slate, and every frame that the movie shows", async () => {
    expect(first).toMatchObject({ code: 0 })
    expect(await decodedPictures(frames.path(REVIEW))).toHaveLength(1 + 52)
    const [fact] = await factsOf(frames, "review-made")
    expect(fact).toMatchObject({
      review: { key: REVIEW, frames: 53, width: 320, height: 180, timecode: "00:00:41:21", segmentsEncoded: 4 },
      failure: null,
    })
    expect(new Date((fact?.generatedAtUs ?? 0) / 1000).getUTCHours()).toBe(12)
  })

  it("is in the list of sequences, also of tables that are made again", async () => {
    const list = () => answers<object>(["sequences", "--json", "--dir", frames.dir])
    const [sequence] = await list()
    expect(sequence).toMatchObject({ movie_frames: 52, review_key: REVIEW, review_frames: 53 })
    expect(await call(["rebuild", frames.dir])).toMatchObject({ code: 0 })
    expect(await list()).toEqual([sequence])
  })

  it("encodes the segment of a replaced frame alone, and gives what a run in one go gives", async () => {
    copyFileSync(samplePath("shifted"), frames.path(keyOf(1057)))
    expect((await run("--review")).code).toBe(0)
    const [, second] = await factsOf(frames, "review-made")
    expect(second).toMatchObject({ review: { segmentsEncoded: 2, segmentsKept: 2 } })
    const before = readFileSync(frames.path(REVIEW))
    rmSync(frames.path("sh010/.proxies"), { recursive: true })
    rmSync(frames.path(".oiio-proxy-generator"), { recursive: true })
    expect((await run("--review")).code).toBe(0)
    expect(readFileSync(frames.path(REVIEW)).equals(before)).toBe(true)
  })
})

it("run makes no review copy, and names no group for them, where nobody asks", async () => {
  const other = openFrames({ "a.1.exr": "window", "a.2.exr": "shifted" })
  expect((await call(["run", other.dir, "--proxy-preset", "ultrafast"])).code).toBe(0)
  expect(other.files().filter((key) => key.endsWith("_review.mp4"))).toEqual([])
  expect(await factsOf(other, "review-made")).toEqual([])
  other.remove()
})
