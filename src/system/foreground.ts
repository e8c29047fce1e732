import { AWAKE, type Clock } from "./clock.ts"

/** Resolves when the next piece of background work may begin; at once while nothing is in its way. */
export type Pace = (signal?: AbortSignal) => Promise<void>

/** Of work that nothing is in the way of. */
export const unpaced: Pace = () => Promise.resolve()

/** How often a piece of background work may begin while foreground work is under way: at the earlier of the two. */
export type Pacing = {
  readonly everyMs: number
  /** After so many pieces of foreground work that have ended. */
  readonly everyEnded: number
}

/** What a process is for, and what it does beside it. */
export type Foreground = {
  /** A piece of foreground work begins; the function that this gives says that it is over. Safe to repeat. */
  begin(): () => void
  /** A piece of foreground work may begin in a moment: background work waits for its turn as if one had just ended. */
  announce(): void
  /** Whether background work has to wait for its turn. */
  isUnderWay(): boolean
  /**
   * Lets background work pass one by one for as long as foreground work is under way: both share one machine, and a folder of a
   * hundred thousand frames would take much of it before the first of them is rendered. In step with the foreground its share
   * stays the same on a machine that is busy with other things.
   */
  pace(pacing: Pacing): Pace
}

/** From one piece of foreground work to the next there is a moment in which none is under way. */
const BETWEEN_MS = 100

export function openForeground({ steadyMs, sleep }: Pick<Clock, "steadyMs" | "sleep">): Foreground {
  let [underway, ended, endedAtMs] = [0, 0, Number.NEGATIVE_INFINITY]
  let awaited = new AbortController()
  const isIdle = (): boolean => underway === 0 && steadyMs() - endedAtMs >= BETWEEN_MS
  const end = (): void => {
    underway -= 1
    ended += 1
    endedAtMs = steadyMs()
    awaited.abort(AWAKE)
    awaited = new AbortController()
  }
  return {
    begin: () => {
      let isOver = false
      underway += 1
      return () => {
        if (!isOver) end()
        isOver = true
      }
    },
    announce: () => {
      endedAtMs = steadyMs()
    },
    isUnderWay: () => !isIdle(),
    pace: ({ everyMs, everyEnded }) => {
      let last = { atMs: Number.NEGATIVE_INFINITY, ended: Number.NEGATIVE_INFINITY }
      let turn = Promise.resolve()
      const pass = async (signal?: AbortSignal): Promise<void> => {
        while (!isIdle() && signal?.aborted !== true && ended < last.ended + everyEnded) {
          const leftMs = last.atMs + everyMs - steadyMs()
          if (leftMs <= 0) break
          await sleep(leftMs, AbortSignal.any([awaited.signal, ...(signal === undefined ? [] : [signal])]))
        }
        last = { atMs: steadyMs(), ended }
      }
      return (signal) => {
        turn = turn.then(() => pass(signal))
        return turn
      }
    },
  }
}
