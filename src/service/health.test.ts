import { describe, expect, it } from "vitest"
import { failure } from "../events/result.ts"
import { type Health, type HealthOptions, openHealth, standstillMs } from "./health.ts"

const MINUTE = 60_000
const STILL_MS = 30 * MINUTE

const RENDERER = { group: "renderer", steps: ["fetch-source", "render-outputs"] }
const PROJECTOR = { group: "projector", steps: ["merge-rows"] }

type Given = Health & {
  passes(ms: number): void
  joins(group: string, ...partitions: readonly number[]): void
  stands(group: string, at: Readonly<{ partition?: number; committed: number; lag: number }>): void
}

/** A process in virtual time that has said that it takes work. */
function given(options: Partial<HealthOptions> = {}): Given {
  let nowMs = 0
  const clock = { steadyMs: () => nowMs }
  const health = openHealth({ clock, groups: [RENDERER, PROJECTOR], stillMs: STILL_MS, ...options })
  health.become("working", "takes work")
  return {
    ...health,
    passes: (ms) => {
      nowMs += ms
    },
    joins: (group, ...partitions) => {
      const held = partitions.map((partition) => ({ topic: `of-${group}`, partition }))
      health.observeKafka({ kind: "joined", group, held, partitions: held.length })
    },
    stands: (group, { partition = 0, committed, lag }) =>
      health.positions([{ group, topic: `of-${group}`, partition, committed, lag }]),
  }
}

function working(options: Partial<HealthOptions> = {}): Given {
  const process = given(options)
  process.joins("renderer", 0, 1)
  process.joins("projector", 0)
  return process
}

const away = failure("store/unreachable", "The store is away.")

describe("a process is ready", () => {
  it("once every group of its roles has given it partitions", () => {
    const process = given()
    expect(process.report()).toMatchObject({
      isReady: false,
      isHealthy: true,
      says: expect.stringContaining("renderer"),
    })
    process.joins("renderer", 0)
    expect(process.report()).toMatchObject({ isReady: false, says: "has no partitions yet: projector is being joined" })
    process.joins("projector", 0)
    expect(process.report()).toMatchObject({ isReady: true, says: "takes work" })
  })

  it("as a member of a full group that stands by", () => {
    const process = working()
    process.joins("projector")
    expect(process.report().groups).toContainEqual(expect.objectContaining({ group: "projector", partitions: 0 }))
    expect(process.report().isReady).toBe(true)
  })

  it("not while it is out of a group, and again when it is back", () => {
    const process = working()
    process.observeKafka({ kind: "outage", group: "renderer", says: "the broker hung up" })
    process.observeKafka({ kind: "left", group: "renderer" })
    process.passes(10 * MINUTE)
    expect(process.report()).toMatchObject({ isReady: false, isHealthy: true })
    process.joins("renderer", 0)
    expect(process.report().isReady).toBe(true)
  })

  it("neither before it works nor while it drains, although it is healthy then", () => {
    const process = working()
    const seen = (["starting", "working", "draining", "ended"] as const).map((state) => {
      process.become(state, state)
      const { isHealthy, isReady } = process.report()
      return [state, isHealthy, isReady]
    })
    expect(seen).toEqual([
      ["starting", true, false],
      ["working", true, true],
      ["draining", true, false],
      ["ended", false, false],
    ])
  })
})

describe("a process stands still", () => {
  it("when it has work and neither an offset moves nor a step ends for longer than is allowed", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 3 })
    process.passes(STILL_MS)
    process.stands("renderer", { committed: 7, lag: 4 })
    expect(process.report().isHealthy).toBe(true)
    process.passes(1)
    expect(process.report()).toMatchObject({
      isHealthy: false,
      isReady: false,
      says: expect.stringMatching(/^stands still: renderer has work/),
    })
    expect(process.report().groups).toContainEqual({ group: "renderer", partitions: 2, lag: 4, stillSeconds: 1_800 })
  })

  it("not while it has nothing to do, however long, nor at once when work comes", () => {
    const process = working()
    for (let hour = 0; hour < 48; hour++) {
      process.stands("renderer", { committed: 7, lag: 0 })
      process.passes(60 * MINUTE)
    }
    process.stands("renderer", { committed: 7, lag: 1 })
    expect(process.report().isHealthy).toBe(true)
  })

  it("not while any of its offsets moves, though another waits for a slow frame", () => {
    const process = working()
    const at = (partition: number, committed: number) => ({
      group: "renderer",
      topic: "of-renderer",
      partition,
      committed,
      lag: 5,
    })
    for (let look = 0; look < 10; look++) {
      process.positions([at(0, 7), at(1, look)])
      process.passes(20 * MINUTE)
    }
    expect(process.report().isHealthy).toBe(true)
  })

  it("not while its steps end, though the first frame keeps the offset where it is", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 50 })
    for (let frame = 0; frame < 10; frame++) {
      process.passes(20 * MINUTE)
      process.observe({ kind: "step", step: "render-outputs", ms: 1, ok: true })
      process.stands("renderer", { committed: 7, lag: 50 })
    }
    expect(process.report().isHealthy).toBe(true)
  })

  it("although the steps of another group end", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 50 })
    process.passes(STILL_MS + 1)
    process.observe({ kind: "step", step: "merge-rows", ms: 1, ok: true })
    expect(process.report().isHealthy).toBe(false)
  })

  it("only for partitions of its own: what others do not do is their affair", () => {
    const process = working()
    process.stands("renderer", { partition: 9, committed: 7, lag: 50 })
    process.passes(2 * STILL_MS)
    process.stands("renderer", { partition: 9, committed: 7, lag: 50 })
    expect(process.report().isHealthy).toBe(true)
  })

  it("never where the setting is 0", () => {
    const process = working({ stillMs: standstillMs({ standstillSeconds: 0, toolTimeoutSeconds: 300 }) })
    process.stands("renderer", { committed: 7, lag: 3 })
    process.passes(1_000 * STILL_MS)
    expect(process.report().isHealthy).toBe(true)
  })

  it("not within the time limit of a render, whatever the setting says", () => {
    expect(standstillMs({ standstillSeconds: 60, toolTimeoutSeconds: 3_600 })).toBe(3 * 3_600_000)
    expect(standstillMs({ standstillSeconds: 1_800, toolTimeoutSeconds: 300 })).toBe(1_800_000)
  })
})

describe("an outage of a server", () => {
  it("makes a process unready and names the server, and never unhealthy, however long it lasts", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 3 })
    for (let minute = 0; minute < 24 * 60; minute++) {
      process.observe({ kind: "outage", step: "fetch-source", failure: away, waitMs: MINUTE })
      process.stands("renderer", { committed: 7, lag: 3 })
      process.passes(MINUTE)
      const { isHealthy, isReady, waitsFor } = process.report()
      expect([isHealthy, isReady, waitsFor]).toEqual([true, false, ["store/unreachable: The store is away."]])
    }
  })

  it("is over with the first step that works, and the time without progress begins anew", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 3 })
    process.passes(STILL_MS)
    process.observe({ kind: "outage", step: "fetch-source", failure: away, waitMs: MINUTE })
    process.passes(MINUTE)
    process.observe({ kind: "step", step: "fetch-source", ms: 1, ok: true })
    expect(process.report()).toMatchObject({ isHealthy: true, isReady: true, waitsFor: [] })
  })

  it("is over when nobody tells of it any more", () => {
    const process = working()
    process.observe({ kind: "outage", step: "fetch-source", failure: away, waitMs: 1_000 })
    process.passes(31_000)
    expect(process.report().isReady).toBe(false)
    process.passes(1)
    expect(process.report().isReady).toBe(true)
  })

  it("of the brokers leaves positions unknown, which is no standstill, and they are looked at afresh afterwards", () => {
    const process = working()
    process.stands("renderer", { committed: 7, lag: 3 })
    for (let look = 0; look < 24 * 240; look++) {
      process.positions(null)
      process.passes(15_000)
    }
    expect(process.report()).toMatchObject({
      isHealthy: true,
      isReady: false,
      waitsFor: [expect.stringMatching(/^log\/unreachable/)],
    })
    process.stands("renderer", { committed: 7, lag: 3 })
    expect(process.report()).toMatchObject({ isHealthy: true, isReady: true })
  })
})
