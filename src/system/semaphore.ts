/** Bounds how many do something at the same time. */
export type Semaphore = {
  /**
   * Resolves with the function that gives the permit back (safe to call twice), or null when `signal` aborted first or
   * the semaphore is closed.
   */
  acquire(signal: AbortSignal): Promise<(() => void) | null>
}

/**
 * At most `permits` holders at a time, first come, first served. Once `closed` aborts, nobody acquires a permit any more,
 * not even those who wait in line; holders give theirs back in their own time.
 */
export function semaphore(permits: number, closed?: AbortSignal): Semaphore {
  let free = permits
  const waiting = new Set<() => void>()
  const turnedAway = new Set<() => void>()
  closed?.addEventListener("abort", () => {
    for (const giveUp of turnedAway) giveUp()
  })
  const release = (): void => {
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
      if (held) release()
      held = false
    }
  }
  return {
    acquire: (signal) =>
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
