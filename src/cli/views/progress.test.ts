import { describe, expect, it, vi } from "vitest"
import type { Observation } from "../../../topology/ports.ts"
import { failure } from "../../events/result.ts"
import type { Clock } from "../../system/clock.ts"
import { recorded } from "../testing/console.ts"
import {
  type Counters,
  count,
  newCounters,
  openMovingRate,
  openWaitNotes,
  startProgress,
  warningIn,
} from "./progress.ts"

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
