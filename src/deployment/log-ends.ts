import { done, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { AWAKE, type Clock } from "../system/clock.ts"

/** Knows when groups of this process are at the end of the log. */
export type LogEnds = {
  /** A group that nobody knows yet has not begun: that is not the end. */
  readonly isAtEnd: (group: string) => Promise<Result<boolean>>
  /** One group after the other: what the first ones append last is still to be projected. Ends early when `stop` aborts. */
  readonly untilAtEnd: (groups: readonly string[], stop: AbortSignal) => Promise<Result<void>>
  /** Resolves when the log has changed since the last time, or after a moment: what else there is to wait for may have come. */
  readonly change: (stop: AbortSignal) => Promise<void>
  readonly close: () => void
}

/** Between two looks: no less, since each frame changes the log a dozen times, and no more where nothing changes. */
const [LEAST_MS, MOST_MS] = [5, 25]

export function openLogEnds({ log, clock }: { readonly log: EventLog; readonly clock: Clock }): LogEnds {
  let hasChanged = false
  let waiting: AbortController | null = null
  let looked = Number.NEGATIVE_INFINITY
  const silence = log.onChange?.(() => {
    hasChanged = true
    waiting?.abort(AWAKE)
  })
  const isAtEnd: LogEnds["isAtEnd"] = async (group) => {
    const lag = await log.lag(group)
    return lag.ok ? done(lag.value.length > 0 && lag.value.every((position) => position.lag === 0)) : lag
  }
  const change: LogEnds["change"] = async (stop) => {
    if (!hasChanged) {
      waiting = new AbortController()
      await clock.sleep(MOST_MS, AbortSignal.any([stop, waiting.signal]))
      waiting = null
    }
    const leftMs = looked + LEAST_MS - clock.steadyMs()
    if (leftMs > 0) await clock.sleep(leftMs, stop)
    hasChanged = false
    looked = clock.steadyMs()
  }
  return {
    isAtEnd,
    change,
    async untilAtEnd(groups, stop) {
      for (const group of groups) {
        for (;;) {
          const atEnd = await isAtEnd(group)
          if (!atEnd.ok) return atEnd
          if (stop.aborted || atEnd.value) break
          await change(stop)
        }
      }
      return done(undefined)
    },
    close: () => silence?.(),
  }
}
