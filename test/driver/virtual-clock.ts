import type { Clock } from "../../src/system/clock.ts"

export type VirtualClock = Clock & {
  /** Moves to the next sleeper's time when it is due by `untilMs`, and wakes it. False when nobody is due. */
  wakeNext(untilMs: number): boolean
  moveTo(atMs: number): void
}

/** Time that stands still until the test moves it. */
export function virtualClock(startMs: number): VirtualClock {
  let now = startMs
  const sleepers = new Map<() => void, number>()
  return {
    nowMs: () => now,
    steadyMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const wake = (): void => {
          sleepers.delete(wake)
          signal?.removeEventListener("abort", wake)
          resolve()
        }
        sleepers.set(wake, now + ms)
        signal?.addEventListener("abort", wake, { once: true })
      }),
    wakeNext(untilMs) {
      const [next] = [...sleepers].sort(([, a], [, b]) => a - b)
      if (next === undefined || next[1] > untilMs) return false
      now = Math.max(now, next[1])
      next[0]()
      return true
    },
    moveTo: (atMs) => {
      now = Math.max(now, atMs)
    },
  }
}
