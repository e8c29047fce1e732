import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { systemClock } from "../../system/clock.ts"
import { fakeStore } from "../testing/fake-store.ts"
import { corrected } from "./store-clock.ts"

const HOUR = 3_600_000

describe("the store's clock", () => {
  it("is heard in the Date of its answers, whatever this machine's clock says", async () => {
    for (const aheadMs of [HOUR, -HOUR, 0]) {
      const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs }
      const { store } = await fakeStore({ clock })
      expect(Math.abs(store.nowMs() - Date.now())).toBeLessThanOrEqual(2_000)
    }
  })

  it("lies within the second that was named, and changes no clock that agrees", () => {
    const times = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(fc.integer({ min: -HOUR, max: HOUR }), times, times, (aheadMs, second, nowMs) => {
        const secondMs = second * 1000
        const right = nowMs + corrected(aheadMs, secondMs, nowMs)
        expect(Math.floor(right / 1000)).toBe(second)
        if (Math.floor((nowMs + aheadMs) / 1000) === second) expect(right).toBe(nowMs + aheadMs)
      }),
    )
  })

  it("stays as it was where an answer names no time", () => {
    expect(corrected(17, Number.NaN, 5)).toBe(17)
  })
})
