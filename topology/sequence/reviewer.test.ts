import { afterEach, describe, expect, it } from "vitest"
import { failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { ReviewMaker } from "../../src/picture/index.ts"
import type { SequenceRow } from "../../src/table/sequence-rows.ts"
import { fakeReviews } from "../../test/driver/fake-reviews.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP, REVIEWER } from "../graph.ts"
import type { ReviewWish } from "./review.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"

const QUIET_MS = 60_000
const TEXTS = { topLeft: "{shot}", topCenter: "", topRight: "", bottomLeft: "", bottomCenter: "", bottomRight: "" }
const WISH: ReviewWish = { handles: 0, shotFolder: null, texts: TEXTS, crf: 25, preset: "medium" }

let driver: Driver
let wish: ReviewWish | null
afterEach(() => driver.close())

const besides = (reviewer: Beside): readonly Beside[] => [
  (ports, stopping) => runRetelling(REGROUP, ports, stopping),
  (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
  (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
  reviewer,
]

const reviewing =
  (reviews?: ReviewMaker): Beside =>
  (ports, stopping) =>
    runGroup(REVIEWER, { ...ports, ...(reviews && { reviews }), reviewFor: () => wish }, stopping)

async function start(wrap: Wrap = {}, reviewer: Beside = reviewing()): Promise<void> {
  wish = WISH
  driver = await drive({ besides: besides(reviewer), ...wrap })
}

const keyOf = (frame: number): string => `sh010/comp_v003.${String(frame).padStart(4, "0")}.exr`

async function arrive(frame: number, text = `frame ${frame}`): Promise<void> {
  await driver.puts(keyOf(frame), text)
  await driver.arrives({ key: keyOf(frame) })
}

async function arriveAll(...frames: readonly number[]): Promise<void> {
  for (const frame of frames) await arrive(frame)
  await driver.passes(3 * QUIET_MS)
}

const KEY = "sh010/.proxies/comp_v003_review.mp4"

async function lines(): Promise<readonly string[]> {
  const bytes = await driver.store.readRange({ bucket: "show", key: KEY }, { start: 0, end: 100_000 })
  return Buffer.from(unwrap(bytes)).toString().replaceAll("proxy of ", "").split("\n")
}

const slate = async () => (await lines())[0]
const shown = async () => (await lines()).slice(1)

async function row(): Promise<SequenceRow | undefined> {
  for await (const row of driver.table.sequences()) return unwrap(row)
  return undefined
}

const outcomes = async () =>
  (await driver.facts("review-made")).map(({ review, failure, reused }) => [
    review === null ? failure?.code : [review.segmentsEncoded, review.segmentsKept],
    reused,
  ])

describe("a movie, where settings ask for a review copy", () => {
  it("has one beside it, of its proxies, in the order in which the movie shows them", async () => {
    await start()
    await arriveAll(1, 2, 4)
    const day = expect.stringMatching(/\d{4}-\d\d-\d\d$/)
    const lines = await shown()
    expect(lines).toEqual([day, day, day, day])
    expect(lines.map((line) => line.replace(/ \d{4}-\d\d-\d\d$/, ""))).toEqual([
      "frame 1 | 1",
      "frame 2 | 2",
      "frame 2 | 3 held 2",
      "frame 4 | 4",
    ])
    const [fact] = await driver.facts("review-made")
    const [movie] = await driver.facts("movie-made")
    expect(fact).toMatchObject({
      ...{ revision: movie?.revision, asOfMs: movie?.asOfMs, causationId: movie?.factId, failure: null, reused: false },
      review: {
        key: KEY,
        bucket: null,
        frames: 5,
        timecode: movie?.movie?.timecode,
        segmentsEncoded: 5,
        segmentsKept: 0,
      },
    })
  })

  it("has one that the row of its sequence names, and the outside is told of", async () => {
    await start()
    await arriveAll(1, 2)
    const [fact] = await driver.facts("review-made")
    const { sizeBytes = 0 } = fact?.review ?? {}
    const none = { review_failure_code: null, review_failure_says: null }
    expect(await row()).toMatchObject({
      ...{ state: "made", movie_frames: 2, review_key: KEY, review_size_bytes: sizeBytes, review_frames: 3, ...none },
    })
    expect(driver.told.flatMap((told) => ("movie" in told || "copy" in told ? [Object.keys(told)] : []))).toEqual([
      ["movie"],
      ["copy"],
    ])
    await arriveAll(3)
    expect(await row()).toMatchObject({ movie_frames: 3, review_frames: 4 })
  })

  it("has its shot, version, name and gaps on the slate", async () => {
    await start()
    await arrive(2, "damaged")
    await arriveAll(1, 4)
    const bytes = unwrap(await driver.store.readRange({ bucket: "show", key: KEY }, { start: 0, end: 100_000 }))
    expect(Buffer.from(bytes).toString()).toMatch(
      /^slate Shot comp; Version v003; Folder show\/sh010\/; Name comp_v003\.#\.exr; Failed 2; Missing 3; Revision \w{32}\n/,
    )
  })

  it("has another where a frame was replaced, which takes over what is as it was", async () => {
    await start()
    await arriveAll(1, 2, 3)
    await arrive(2, "frame 2 anew")
    await driver.passes(3 * QUIET_MS)
    expect((await shown())[1]).toMatch(/^frame 2 anew \| 2/)
    expect(await outcomes()).toEqual([
      [[4, 0], false],
      [[2, 2], false],
    ])
  })

  it("is told of again, and encodes nothing, where it was there already", async () => {
    await start()
    await arriveAll(1, 2)
    const [movie] = await driver.facts("movie-made")
    if (movie === undefined) throw new Error("There is no movie.")
    await driver.log.append([{ topic: "movie-made", value: { ...movie, reused: true } }])
    await driver.passes(1000)
    const [first, second] = await driver.facts("review-made")
    expect(second).toEqual({ ...first, reused: true, made: { ...first?.made, reused: true } })
  })

  it("has another where the settings changed", async () => {
    await start()
    await arriveAll(1, 2)
    wish = { ...WISH, crf: 30 }
    const [movie] = await driver.facts("movie-made")
    if (movie !== undefined) await driver.log.append([{ topic: "movie-made", value: movie }])
    await driver.passes(1000)
    expect((await driver.facts("review-made")).map(({ reused }) => reused)).toEqual([false, false])
  })

  it("is heard as the movie is, and is made anew where that is heard otherwise", async () => {
    await start()
    await driver.puts("sh010/comp_v003.wav", "ab")
    await arriveAll(1, 2)
    await driver.puts("sh010/comp_v003.wav", "abcdef")
    const settled = (await driver.facts("sequence-settled")).at(-1)
    if (settled === undefined) throw new Error("Nothing is settled.")
    await driver.log.append([{ topic: "sequence-settled", value: settled }])
    await driver.passes(1000)
    const heard = (await driver.facts("review-made")).map(({ made, reused }) => [made?.movie?.sound?.channels, reused])
    expect(heard).toEqual([
      [2, false],
      [6, false],
    ])
    expect(await slate()).toContain("heard in 6 channels")
    const [first] = await driver.facts("movie-made")
    if (first !== undefined) await driver.log.append([{ topic: "movie-made", value: first }])
    await driver.passes(1000)
    expect(await driver.facts("review-made")).toHaveLength(2)
  })

  it("has none that a later movie has outdated", async () => {
    await start()
    await arriveAll(1, 2)
    const [first] = await driver.facts("movie-made")
    await arriveAll(3)
    if (first !== undefined) await driver.log.append([{ topic: "movie-made", value: first }])
    await driver.passes(1000)
    expect(await driver.facts("review-made")).toHaveLength(2)
    expect(await shown()).toHaveLength(3)
    expect(await driver.lag("reviewer")).toBe(0)
  })

  it("says why there is none, and has its movie all the same", async () => {
    const broken = { make: async () => failed(failure("tool/failed", "It does not encode.")) }
    await start({}, reviewing(broken))
    await arriveAll(1, 2)
    expect(await outcomes()).toEqual([["tool/failed", false]])
    const why = { review_failure_code: "tool/failed", review_failure_says: "It does not encode." }
    expect(await row()).toMatchObject({ state: "made", failure_code: null, review_key: null, ...why })
    expect(driver.told.filter((told) => "copy" in told)).toEqual([])
    expect(await driver.facts("movie-made")).toHaveLength(1)
    expect(await driver.lag("reviewer")).toBe(0)
  })

  it("comes after the movie, however long the encoder takes", async () => {
    const waits = Promise.withResolvers<void>()
    const slow = {
      make: (job: Parameters<typeof fakeReviews.make>[0]) => waits.promise.then(() => fakeReviews.make(job)),
    }
    await start({}, reviewing(slow))
    await arriveAll(1, 2)
    expect(await driver.facts("movie-made")).toHaveLength(1)
    await arriveAll(3)
    expect((await driver.facts("movie-made")).map(({ made }) => made)).toEqual(["1-2", "1-3"])
    expect(await driver.facts("review-made")).toHaveLength(0)
    waits.resolve()
    while ((await driver.facts("review-made")).length < 2) await driver.passes(1000)
    expect(await shown()).toHaveLength(3)
  })

  it("gives the same copy in the end, wherever the process dies", async () => {
    await start()
    await arriveAll(1, 2, 3)
    const whole = await shown()
    for (const frame of [2, 3]) {
      await arrive(frame, `frame ${frame} anew`)
      await driver.dies()
      driver.starts()
    }
    await driver.passes(4 * QUIET_MS)
    const again = await shown()
    expect(again.map((line) => line.replace(/ anew|\S+$/g, ""))).toEqual(whole.map((line) => line.replace(/\S+$/, "")))
    expect(again.filter((line) => line.includes("anew"))).toHaveLength(2)
  })
})

it("a movie has no review copy where no setting asks for one", async () => {
  await start()
  wish = null
  await arriveAll(1, 2)
  expect(await driver.facts("review-made")).toEqual([])
  expect(await driver.lag("reviewer")).toBe(0)
})
