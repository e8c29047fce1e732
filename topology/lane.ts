/** A counted right to do something at once. */
export type Lane = {
  /** Resolves with the function that gives the place back (safe to call twice), or null when `signal` aborted first. */
  enter(signal: AbortSignal): Promise<(() => void) | null>
}

/** At most `places` holders at a time, first come, first served. */
export function lane(places: number): Lane {
  let free = places
  const waiting = new Set<() => void>()
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
        if (signal.aborted) return resolve(null)
        if (free > 0) {
          free -= 1
          return resolve(once())
        }
        const give = (): void => {
          signal.removeEventListener("abort", giveUp)
          resolve(once())
        }
        const giveUp = (): void => {
          waiting.delete(give)
          resolve(null)
        }
        waiting.add(give)
        signal.addEventListener("abort", giveUp, { once: true })
      }),
  }
}
