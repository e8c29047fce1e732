/** A counted right to do something at once. */
export type Lane = {
  /**
   * Resolves with the function that gives the place back (safe to call twice), or null when `signal` aborted first or
   * the lane is closed.
   */
  enter(signal: AbortSignal): Promise<(() => void) | null>
}

/**
 * At most `places` holders at a time, first come, first served. Once `closed` aborts nobody comes in any more, not even
 * who waits in line; those inside leave in their own time.
 */
export function lane(places: number, closed?: AbortSignal): Lane {
  let free = places
  const waiting = new Set<() => void>()
  const turnedAway = new Set<() => void>()
  closed?.addEventListener("abort", () => {
    for (const giveUp of turnedAway) giveUp()
  })
  const leave = (): void => {
    const [next] = waiting
    if (next === undefined) free += 1
    else {
      waiting.delete(next)
      next()
    }
  }
  const once = (): (() => void) => {
    let held = true
    return () => {
      if (held) leave()
      held = false
    }
  }
  return {
    enter: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted || closed?.aborted) return resolve(null)
        if (free > 0) {
          free -= 1
          return resolve(once())
        }
        const give = (): void => {
          signal.removeEventListener("abort", giveUp)
          turnedAway.delete(giveUp)
          resolve(once())
        }
        const giveUp = (): void => {
          signal.removeEventListener("abort", giveUp)
          turnedAway.delete(giveUp)
          waiting.delete(give)
          resolve(null)
        }
        waiting.add(give)
        turnedAway.add(giveUp)
        signal.addEventListener("abort", giveUp, { once: true })
      }),
  }
}
