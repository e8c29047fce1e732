import { describe, expect, it } from "vitest"
import { virtualClock } from "../../../test/driver/virtual-clock.ts"
import { done, failed, failure } from "../../events/result.ts"
import { elementCreated } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { progressOver, sharedAnswer } from "../live/group-progress.ts"
import { openWorkCounts } from "../live/work-counts.ts"
import { openTestServing } from "../testing/serving.ts"

describe("the status", () => {
  it("counts frames by their state, and tells how far each group is", async () => {
    const { get, merge, records } = await openTestServing()
    const states = ["failed", "failed", "done", "queued"] as const
    await merge({ elements: states.map((state, index) => elementRow({ key: `${index}.exr`, state })) })
    unwrap(await records.log.append([elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" })]))
    const stop = new AbortController()
    const delivered = records.log.deliver({
      group: "renderer",
      topics: ["element-created"],
      credits: 1,
      stop: stop.signal,
    })
    for await (const delivery of delivered) {
      unwrap(await unwrap(delivery).acknowledge())
      break
    }
    const { status, body } = await get("/api/v1/status")
    expect(status).toBe(200)
    expect(body).toMatchObject({
      version: "0.0.0",
      states: { queued: 1, done: 1, failed: 2, dismissed: 0, removed: 0 },
      groups: [
        { group: "renderer", lag: 1, members: null, per_second: null, topics: [{ topic: "element-created", end: 2 }] },
      ],
      missing: [],
    })
  })

  it("tells what it can where a server is away, and what it cannot", async () => {
    const away = failed(failure("table/unreachable", "Trino does not answer."))
    const { get } = await openTestServing({
      opened: (opened) => ({
        ...opened,
        table: { ...opened.table, countElements: async () => away },
        groups: async () =>
          done([{ groupId: "oiio.renderer", hasBegun: true, members: 3, positions: [], missingTopics: [] }]),
      }),
    })
    const { body } = await get("/api/v1/status")
    expect(body).toMatchObject({
      states: null,
      groups: [{ group: "renderer", members: 3, lag: 0 }],
      missing: [{ part: "table", code: "table/unreachable", says: "Trino does not answer." }],
    })
  })
})

describe("the topology", () => {
  it("names every group and step, with what this process has done at each", async () => {
    const work = openWorkCounts({ nowMs: () => 5 })
    const failed = failure("store/unreachable", "S3 does not answer.")
    work.observe({ kind: "taken", topology: "renderer" })
    work.observe({ kind: "taken", topology: "renderer" })
    work.observe({ kind: "finished", topology: "renderer" })
    work.observe({ kind: "step", step: "fetch-source", ms: 12, ok: true })
    work.observe({ kind: "outage", step: "fetch-source", failure: failed, waitMs: 100 })
    const { get } = await openTestServing({ opened: (opened) => ({ ...opened, work }) })
    const { body } = await get("/api/v1/topology")
    const renderer = body.groups.find(({ name }: { name: string }) => name === "renderer")
    expect(renderer).toMatchObject({ consumes: ["element-created"], work: { in_flight: 1, finished: 1, set_aside: 0 } })
    expect(body.counted_since_ms).toBe(5)
    const step = /"name":"fetch-source".*?"counts":(\{.*?\}\})/.exec(JSON.stringify(renderer.stages))?.[1]
    expect(JSON.parse(step ?? "{}")).toEqual({
      ...{ ended: 1, ms: 12, retries: 0, outage_waits: 1, failures: 0 },
      last_trouble: { code: "store/unreachable", says: "S3 does not answer.", at_ms: 5 },
    })
  })

  it("tells no counts where others do the work", async () => {
    const { get } = await openTestServing()
    const { body } = await get("/api/v1/topology")
    expect(body).toMatchObject({ counted_since_ms: null, missing: [] })
    expect(body.groups.every(({ work }: { work: unknown }) => work === null)).toBe(true)
  })
})

it("tells rates of the last minute, and none before it looked for a while", () => {
  const progress = progressOver()
  const at = (atMs: number, committed: number) => {
    const positions = [{ topic: "proxy-made", committed, end: 1_000, lag: 1_000 - committed }]
    return progress([{ group: "projector", members: null, has_begun: true, positions }], atMs)[0]?.per_second
  }
  expect([at(0, 0), at(1_000, 50), at(10_000, 100), at(100_000, 100), at(110_000, 150)]).toEqual([
    null,
    null,
    10,
    null,
    5,
  ])
})

it("asks once for all who ask at one time, and no more than a twentieth of the time", async () => {
  const clock = virtualClock(0)
  let asked = 0
  const answer = sharedAnswer(clock, async () => {
    clock.moveTo(clock.steadyMs() + 100)
    return done(++asked)
  })
  expect(await Promise.all([answer(), answer()])).toEqual([done(1), done(1)])
  clock.moveTo(2_099)
  expect(await answer()).toEqual(done(1))
  clock.moveTo(2_100)
  expect(await answer()).toEqual(done(2))
})
