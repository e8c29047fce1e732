import { describe, expect, it } from "vitest"
import { openForeground } from "./foreground.ts"

/** Time that passes while somebody sleeps. */
function sleepers() {
  let nowMs = 0
  const slept: number[] = []
  const clock = {
    steadyMs: () => nowMs,
    sleep: async (ms: number) => {
      slept.push(ms)
    },
  }
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { clock, slept, pass }
}

describe("background work", () => {
  it("waits for nothing while there is no foreground work", async () => {
    const { clock, slept } = sleepers()
    const pace = openForeground(clock).pace(10)
    for (let piece = 0; piece < 5; piece++) await pace()
    expect(slept).toEqual([])
  })

  it("passes one by one while there is, and freely again when all of that is over", async () => {
    const { clock, slept, pass } = sleepers()
    const foreground = openForeground(clock)
    const pace = foreground.pace(10)
    const [first, second] = [foreground.begin(), foreground.begin()]
    await Promise.all([pace(), pace(), pace()])
    expect(slept).toEqual([10, 20])
    pass(100)
    await pace()
    first()
    first()
    await pace()
    expect(slept).toEqual([10, 20, 10])
    second()
    await pace()
    expect(slept).toEqual([10, 20, 10])
  })

  it("of one kind is not held up by that of another", async () => {
    const { clock, slept } = sleepers()
    const foreground = openForeground(clock)
    foreground.begin()
    await Promise.all([foreground.pace(10)(), foreground.pace(50)()])
    expect(slept).toEqual([])
  })
})
