import { describe, expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { failure } from "../events/result.ts"
import { BUG, leavesNoPromiseUnhandled, rejecting } from "../events/testing/unhandled.ts"
import { allOrNone } from "./run-groups.ts"

leavesNoPromiseUnhandled()

describe("a bug in one part of a process", () => {
  const patience = (abort = new AbortController().signal) => ({ clock: virtualClock(0), interrupts: { abort } })

  it("ends the process with it, once the others have finished what they had begun", async () => {
    const enough = new AbortController()
    const finished: string[] = []
    const other = async () => {
      await new Promise((stopped) => enough.signal.addEventListener("abort", stopped))
      await new Promise((later) => setImmediate(later))
      finished.push("other")
      return null
    }
    await expect(allOrNone([rejecting(), other()], enough, patience())).rejects.toBe(BUG)
    expect(finished).toEqual(["other"])
  })

  it("ends the process with it after a while, where the others cannot finish", async () => {
    const held = patience()
    const ended = allOrNone([rejecting(), new Promise<null>(() => undefined)], new AbortController(), held)
    await expect.poll(() => held.clock.wakeNext(60_000)).toBe(true)
    await expect(ended).rejects.toBe(BUG)
    expect(held.clock.nowMs()).toBeGreaterThan(0)
  })

  it("ends the process with it at once, where somebody asks a second time", async () => {
    const abort = new AbortController()
    const never = new Promise<null>(() => undefined)
    const ended = allOrNone([rejecting(), never], new AbortController(), patience(abort.signal))
    abort.abort()
    await expect(ended).rejects.toBe(BUG)
  })

  it("is not what a failure is: all end, and the first failure is told", async () => {
    const away = failure("log/refused", "no")
    const enough = new AbortController()
    expect(await allOrNone([Promise.resolve(null), Promise.resolve(away)], enough, patience())).toBe(away)
    expect(enough.signal.aborted).toBe(true)
  })
})
