import type { Clock } from "./clock.ts"

/** Resolves when the next piece of background work may begin; at once while nothing is in its way. */
export type Pace = (signal?: AbortSignal) => Promise<void>

/** Of work that nothing is in the way of. */
export const unpaced: Pace = () => Promise.resolve()

/** What a process is for, and what it does beside it. */
export type Foreground = {
  /** A piece of foreground work begins; the function that this gives says that it is over. Safe to repeat. */
  begin(): () => void
  /**
   * Lets background work pass one by one, `everyMs` apart, for as long as foreground work is under way: both share one thread,
   * and a folder of a hundred thousand frames would take all of it before the first of them is rendered.
   */
  pace(everyMs: number): Pace
}

export function openForeground({ steadyMs, sleep }: Pick<Clock, "steadyMs" | "sleep">): Foreground {
  let underway = 0
  return {
    begin: () => {
      let isOver = false
      underway += 1
      return () => {
        if (!isOver) underway -= 1
        isOver = true
      }
    },
    pace: (everyMs) => {
      let freeAtMs = Number.NEGATIVE_INFINITY
      return async (signal) => {
        if (underway === 0) return
        const nowMs = steadyMs()
        const passesAtMs = Math.max(nowMs, freeAtMs)
        freeAtMs = passesAtMs + everyMs
        if (passesAtMs > nowMs) await sleep(passesAtMs - nowMs, signal)
      }
    },
  }
}
