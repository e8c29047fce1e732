import { describe, expect, it } from "vitest"
import { costOf, type FactTold, spentOn, timelineOf } from "./timeline.ts"

const DAY_MS = 86_400_000

const told = (topic: string, timestamp_ms: number, fact: FactTold["fact"] = {}): FactTold => ({
  topic,
  partition: 0,
  offset: 0,
  timestamp_ms,
  fact,
})

describe("a frame's timeline", () => {
  it("draws a day in which nothing happened much shorter than the work beside it", () => {
    const moments = timelineOf([
      told("element-created", 0),
      told("source-fetched", 100),
      told("proxy-made", 1100),
      told("element-created", DAY_MS),
      told("proxy-made", DAY_MS + 1000),
    ])
    expect(moments.map(({ isSqueezed }) => isSqueezed)).toEqual([false, false, false, true, false])
    expect(moments.map(({ afterMs }) => afterMs)).toEqual([0, 100, 1000, DAY_MS - 1100, 1000])
    const [, , before = 0, after = 0, last] = moments.map(({ place }) => place)
    expect(after - before).toBeLessThan(0.1)
    expect(last).toBe(1)
  })

  it("is in the order of time, whichever topic a fact is of", () => {
    const topics = timelineOf([told("proxy-made", 20), told("element-created", 10)]).map((moment) => moment.told.topic)
    expect(topics).toEqual(["element-created", "proxy-made"])
  })

  it("has a place for a fact that is alone, or at the same time as all others", () => {
    expect(timelineOf([told("a", 5)])).toMatchObject([{ place: 0, afterMs: 0, isSqueezed: false }])
    expect(timelineOf([told("a", 5), told("b", 5)]).map(({ place }) => place)).toEqual([0, 0])
    expect(timelineOf([])).toEqual([])
  })
})

it("tells how long an arrival waited and was worked at, once something came of it", () => {
  const arrival = { element_id: "e", trigger: "retry", arrived_at_ms: 1_000, outcome: null, waited_ms: null }
  expect(spentOn({ ...arrival, ended_at_ms: null, stages: [] })).toBeNull()
  const stages = ["fetch", "render"].map((name, at) => ({ name, ms: 100 + at }))
  const made = { ...arrival, ended_at_ms: 1_900, outcome: "made", waited_ms: 650, stages }
  expect(spentOn(made)).toEqual({ wholeMs: 900, waitedMs: 650, workedMs: 201 })
})

it("tells what each stage of the newest render took", () => {
  const facts = [
    told("proxy-made", 1, { timingsMs: { fetch: 9 } }),
    told("proxy-made", 2, { timingsMs: { fetch: 100, render: 300 } }),
    told("element-failed", 3, {}),
  ]
  expect(costOf(facts)).toEqual([
    { stage: "fetch", ms: 100, share: 0.25 },
    { stage: "render", ms: 300, share: 0.75 },
  ])
  expect(costOf([told("element-created", 1)])).toEqual([])
})
