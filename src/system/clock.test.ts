import { describe, expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { backoffMs, within } from "./clock.ts"

const late = (): string => "late"

describe("a wait that is limited", () => {
  it("gives the answer that comes in time, and leaves nobody asleep", async () => {
    const clock = virtualClock(0)
    expect(await within({ clock, ms: 100, late }, Promise.resolve("answer"))).toBe("answer")
    expect(clock.wakeNext(1_000)).toBe(false)
  })

  it("gives what stands for the answer once the time is over", async () => {
    const clock = virtualClock(0)
    const waited = within({ clock, ms: 100, late }, new Promise<string>(() => undefined))
    expect(clock.wakeNext(99)).toBe(false)
    expect(clock.wakeNext(100)).toBe(true)
    expect(await waited).toBe("late")
  })

  it("ends before its time where it is told to", async () => {
    const stop = AbortSignal.abort()
    const never = new Promise<string>(() => undefined)
    expect(await within({ clock: virtualClock(0), ms: 100, late, stop }, never)).toBe("late")
  })

  it("rejects as the answer does, and leaves nobody asleep", async () => {
    const clock = virtualClock(0)
    const bug = new Error("a bug")
    await expect(within({ clock, ms: 100, late }, Promise.reject(bug))).rejects.toBe(bug)
    expect(clock.wakeNext(1_000)).toBe(false)
  })
})

const BACKOFF = { firstMs: 100, mostMs: 1_000 }

it("doubles the wait up to the longest", () => {
  expect([1, 2, 3, 4, 5, 60].map((tries) => backoffMs(tries, BACKOFF))).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

it("leaves the upper half of a wait to chance", () => {
  expect([0, 0.5, 1].map((random) => backoffMs(3, BACKOFF, random))).toEqual([200, 300, 400])
})
