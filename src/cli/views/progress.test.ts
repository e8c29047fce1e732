import { describe, expect, it, vi } from "vitest"
import type { Observation } from "../../../topology/ports.ts"
import { failure } from "../../events/result.ts"
import type { Clock } from "../../system/clock.ts"
import { recorded } from "../testing/console.ts"
import {
  count,
  failedFrameIn,
  newCounters,
  openMovingRate,
  openWaitNotes,
  startProgress,
  warningIn,
} from "./progress.ts"
import { barLine, type Counters } from "./progress-display.ts"

/** A clock that stands still until told; sleepers wake in order. */
function handClock() {
  let nowMs = 0
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    steadyMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        sleepers.push({ atMs: nowMs + ms, wake })
        signal?.addEventListener("abort", () => wake(), { once: true })
      }),
  }
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms
    const due = sleepers.filter(({ atMs }) => atMs <= nowMs)
    sleepers = sleepers.filter(({ atMs }) => atMs > nowMs)
    for (const { wake } of due) wake()
    await new Promise(setImmediate)
  }
  return { clock, pass, sleeping: () => sleepers.length }
}

const nothing: Counters = { found: 0, fetched: 0, rendered: 0, reused: 0, failed: 0 }

describe("progress in a log or a pipe", () => {
  it("is a line every ten seconds, with rate and time left, and none while nothing changes", async () => {
    const { clock, pass } = handClock()
    const stderr = recorded()
    let counters = nothing
    const progress = startProgress({ stderr, clock, counters: () => counters })
    counters = { found: 100, fetched: 25, rendered: 18, reused: 10, failed: 2 }
    await pass(9_999)
    expect(stderr.text()).toBe("")
    await pass(1)
    expect(stderr.text()).toBe("found 100, fetched 25, rendered 18, reused 10, failed 2; 2.0 frames/s; 35.0 s left\n")
    await pass(10_000)
    await pass(10_000)
    expect(stderr.text().split("\n")).toHaveLength(2)
    progress.note("a note")
    counters = { found: 100, fetched: 100, rendered: 88, reused: 10, failed: 2 }
    progress.stop()
    progress.stop()
    expect(stderr.text().split("\n").slice(1)).toEqual([
      "a note",
      "found 100, fetched 100, rendered 88, reused 10, failed 2; 3.0 frames/s",
      "",
    ])
  })

  it("knows of frames that the listing is still to find", async () => {
    const { clock, pass } = handClock()
    const stderr = recorded()
    const counters = { found: 4000, fetched: 90, rendered: 80, reused: 0, failed: 0, toCome: 96_000 }
    startProgress({ stderr, clock, counters: () => counters })
    await pass(10_000)
    expect(stderr.text()).toBe("found 4000 of 100000, fetched 90, rendered 80, failed 0; 8.0 frames/s; 3:28:10 left\n")
  })

  it("counts the movies that are stitched", async () => {
    const { clock, pass } = handClock()
    const stderr = recorded()
    const counters = newCounters()
    startProgress({ stderr, clock, counters: () => counters })
    counters.found = 2
    for (const [step, ok] of [
      ["locate-movie", true],
      ["stitch-movie", true],
      ["stitch-movie", false],
    ] as const)
      count(counters, { kind: "step", step, ms: 1, ok })
    await pass(10_000)
    expect(stderr.text()).toBe("found 2, fetched 0, rendered 0, failed 0, movies 1; 0.0 frames/s\n")
  })

  it("says nothing after it was stopped", async () => {
    const { clock, pass } = handClock()
    const stderr = recorded()
    startProgress({ stderr, clock, counters: () => nothing }).stop()
    const before = stderr.text()
    await pass(60_000)
    expect(stderr.text()).toBe(before)
  })
})

describe("progress on a terminal", () => {
  it("redraws bars with every count, keeps notes apart, and leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { clock, pass } = handClock()
    const stderr = recorded({ columns: 120 })
    let counters = nothing
    const progress = startProgress({ stderr, clock, counters: () => counters })
    counters = { found: 8, fetched: 6, rendered: 4, reused: 1, failed: 1 }
    await pass(200)
    progress.note("a note")
    progress.stop()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
    expect(stderr.text()).toContain("6/8  found 8")
    expect(stderr.text()).toContain("6/8  rendered 4, reused 1, failed 1  25.0 frames/s")
    expect(stderr.text()).toContain("a note\n")
  })
})

describe("a bar", () => {
  const counts = { value: 1503, total: 100_000, progress: 0.5 }
  const results = "rendered 1200, reused 300, failed 3"
  const texts = [`${results}  4.2 frames/s`, results, "made 1500, failed 3"]
  const line = (columns: number) => barLine(counts, { label: "finished", texts }, columns)

  it("has all its remarks where there is room", () => {
    const bar = "━".repeat(12) + "·".repeat(12)
    expect(line(119)).toBe(`finished ${bar} 1503/100000  rendered 1200, reused 300, failed 3  4.2 frames/s`)
  })

  it("is whole on a narrow terminal: shorter, and without what matters least", () => {
    expect(line(66)).toBe(`finished ━━━━···· 1503/100000  ${results}`)
    expect(line(59)).toBe("finished ━━━━━━━━━········ 1503/100000  made 1500, failed 3")
    for (let columns = 40; columns < 120; columns++) expect(line(columns).length).toBeLessThanOrEqual(columns)
  })
})

describe("the rate", () => {
  it("is that of the last half minute, so that a pause does not weigh for ever", async () => {
    const { clock, pass } = handClock()
    const rate = openMovingRate(clock)
    await pass(10_000)
    expect(rate(100)).toBe(10)
    await pass(3_600_000)
    expect(rate(100)).toBe(0)
    await pass(30_000)
    expect(rate(160)).toBe(2)
  })

  it("is zero before any time has passed", () => {
    expect(openMovingRate(handClock().clock)(5)).toBe(0)
  })
})

const outage = (code: "store/full" | "table/unreachable"): Observation => ({
  kind: "outage",
  step: "store-outputs",
  failure: failure(code, "The disk\nis full."),
  waitMs: 500,
})

it("says what the work waits for, on one line, each reason once a minute", () => {
  const lines: string[] = []
  let nowMs = 0
  const observe = openWaitNotes((line) => lines.push(line), { steadyMs: () => nowMs })
  for (const code of ["store/full", "store/full", "table/unreachable"] as const) observe(outage(code))
  observe({ kind: "retry", step: "fetch-source", failure: failure("store/failed", "Once."), waitMs: 1 })
  expect(lines).toEqual([
    "waiting: store/full: The disk\\nis full. The work goes on by itself after that.",
    "waiting: table/unreachable: The disk\\nis full. The work goes on by itself after that.",
  ])
  nowMs = 61_000
  observe(outage("store/full"))
  expect(lines.length).toBe(3)
})

it("names each frame that failed, and nothing that is counted elsewhere", () => {
  const failed = {
    kind: "failed",
    bucket: "show",
    key: "sh010/a.exr",
    failure: failure("picture/damaged", "It broke."),
  } as const
  expect(failedFrameIn({ ...failed, step: "render-outputs" })).toBe("sh010/a.exr: picture/damaged: It broke.")
  for (const step of ["stitch-movie", "confirm-removal", "inspect-source"])
    expect([step, failedFrameIn({ ...failed, step })]).toEqual([step, null])
  const gone = { ...failed, step: "fetch-source", failure: failure("source/gone", "It went.") }
  expect(failedFrameIn(gone)).toBeNull()
})

describe("a warning", () => {
  const about = { bucket: "show", key: "sh010/beauty..exr" }

  it("is what a step remarks, and that a movie has no review copy", () => {
    expect(warningIn({ kind: "remark", ...about, says: "Odd." })).toBe("sh010/beauty..exr: Odd.")
    const failed = {
      kind: "failed",
      step: "make-review",
      failure: failure("tool/failed", "It broke."),
      ...about,
    } as const
    expect(warningIn(failed)).toBe("sh010/beauty..exr: no review copy: tool/failed: It broke.")
  })

  it("is none of what stands in a line of its own at the end", () => {
    const failed = { kind: "failed", failure: failure("sequence/unlike", "They differ."), ...about } as const
    for (const step of ["stitch-movie", "render-outputs"]) expect(warningIn({ ...failed, step })).toBeNull()
  })
})
