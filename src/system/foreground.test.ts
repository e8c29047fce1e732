import { expect, it } from "vitest"
import { openForeground } from "./foreground.ts"

/** A clock that stands still until told; whoever sleeps wakes when the time is over or the signal aborts. */
function handClock() {
  let nowMs = 0
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = []
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    clock: {
      steadyMs: () => nowMs,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((wake) => {
          sleepers.push({ atMs: nowMs + ms, wake })
          signal?.addEventListener("abort", () => wake(), { once: true })
        }),
    },
    settle,
    pass: async (ms: number): Promise<void> => {
      nowMs += ms
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs)
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs)
      for (const { wake } of due) wake()
      await settle()
    },
  }
}

/** Counts the pieces of background work that have passed. */
function counted(pace: (signal?: AbortSignal) => Promise<void>, pieces: number, signal?: AbortSignal) {
  let passed = 0
  for (let piece = 0; piece < pieces; piece++)
    void pace(signal).then(() => {
      passed += 1
    })
  return () => passed
}

const PACING = { everyMs: 1000, everyEnded: 2 }

it("lets background work pass while there is no foreground work", async () => {
  const { clock, settle } = handClock()
  const passed = counted(openForeground(clock).pace(PACING), 5)
  await settle()
  expect(passed()).toBe(5)
})

it("lets it wait for its turn for a moment once foreground work is announced", async () => {
  const { clock, settle, pass } = handClock()
  const foreground = openForeground(clock)
  foreground.announce()
  const passed = counted(foreground.pace(PACING), 5)
  await settle()
  expect(passed()).toBe(1)
  await pass(1000)
  expect(passed()).toBe(5)
})

it("lets it pass one by one, after some time each, while foreground work takes long", async () => {
  const { clock, settle, pass } = handClock()
  const foreground = openForeground(clock)
  foreground.begin()
  const passed = counted(foreground.pace(PACING), 3)
  await settle()
  expect(passed()).toBe(1)
  await pass(999)
  expect(passed()).toBe(1)
  await pass(1)
  expect(passed()).toBe(2)
  await pass(1000)
  expect(passed()).toBe(3)
})

it("lets it pass in step with foreground work that ends sooner", async () => {
  const { clock, settle, pass } = handClock()
  const foreground = openForeground(clock)
  const [last, ...others] = Array.from({ length: 6 }, () => foreground.begin())
  const passed = counted(foreground.pace(PACING), 9)
  await settle()
  const seen = [passed()]
  for (const end of others) {
    end()
    end()
    await pass(1)
    seen.push(passed())
  }
  expect(seen).toEqual([1, 1, 2, 2, 3, 3])
  last?.()
})

it("lets it pass freely again once no foreground work has been under way for a moment", async () => {
  const { clock, settle, pass } = handClock()
  const foreground = openForeground(clock)
  const end = foreground.begin()
  const pace = foreground.pace(PACING)
  const first = counted(pace, 2)
  end()
  await settle()
  expect(first()).toBe(1)
  await pass(1000)
  const others = counted(pace, 5)
  await settle()
  expect([first(), others()]).toEqual([2, 5])
})

it("holds up no kind of background work by another", async () => {
  const { clock, settle } = handClock()
  const foreground = openForeground(clock)
  foreground.begin()
  const passed = [counted(foreground.pace(PACING), 2), counted(foreground.pace(PACING), 2)]
  await settle()
  expect(passed.map((one) => one())).toEqual([1, 1])
})

it("keeps nobody who gives up", async () => {
  const { clock, settle } = handClock()
  const foreground = openForeground(clock)
  foreground.begin()
  const stopping = new AbortController()
  const passed = counted(foreground.pace(PACING), 3, stopping.signal)
  stopping.abort()
  await settle()
  expect(passed()).toBe(3)
})
