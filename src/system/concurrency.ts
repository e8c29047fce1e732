// What goes on at the same time: a semaphore, a wake signal, a queue for each key, runs that many share.

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

/** Wakes one sleeper. A call that nobody waits for is kept until the next wait, so that none is lost. */
export type WakeSignal = {
  wake(): void
  /** Whoever waits, now or later, ends with this bug of something that nobody waits for. */
  fail(bug: unknown): void
  /** Resolves at the next `wake`, or at once when there was one since the last wait. Rejects with the bug given to `fail`. */
  woken(): Promise<void>
}

export function createWakeSignal(): WakeSignal {
  let kept = false
  let broken: { readonly bug: unknown } | null = null
  let resume: (() => void) | null = null
  return {
    wake: () => {
      kept = true
      resume?.()
    },
    fail: (bug) => {
      broken ??= { bug }
      resume?.()
    },
    woken: () =>
      new Promise((resolve, reject) => {
        resume = () => {
          kept = false
          resume = null
          if (broken === null) resolve()
          else reject(broken.bug)
        }
        if (kept || broken !== null) resume()
      }),
  }
}

/** Runs a job after all earlier jobs of its key, and gives its result. */
export type KeyedQueue = <T>(key: string, job: () => Promise<T>) => Promise<T>

/**
 * Jobs of one key run one after the other, in the order of submission; jobs of different keys run side by side. It has
 * no limit of its own: whoever submits bounds how much is submitted. Only keys in use are remembered.
 */
export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>()
  return (key, job) => {
    const previous = tails.get(key)
    const result = previous === undefined ? job() : previous.then(job)
    const tail = result.then(
      () => undefined,
      () => undefined,
    )
    tails.set(key, tail)
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    return result
  }
}

/** Runs something for all who ask for the same at one time. */
export type SharedRuns<T> = (key: string, run: () => Promise<T>) => Promise<T>

/** A run that is under way, and the one that begins after it for all who have come meanwhile. */
type RunsOfKey<T> = { readonly underway: Promise<T>; next: Promise<T> | null }

/**
 * Whoever comes while a run of its key is under way waits for the next, and all who wait share it: so what a run does or tells is
 * never older than the question, and however many ask, two runs after one another answer them all.
 */
export function sharedRuns<T>(): SharedRuns<T> {
  const keys = new Map<string, RunsOfKey<T>>()
  const begin: SharedRuns<T> = (key, run) => {
    const runs: RunsOfKey<T> = { underway: run(), next: null }
    keys.set(key, runs)
    const end = (): void => {
      if (runs.next === null) keys.delete(key)
    }
    runs.underway.then(end, end)
    return runs.underway
  }
  return (key, run) => {
    const runs = keys.get(key)
    if (runs === undefined) return begin(key, run)
    const begins = (): Promise<T> => begin(key, run)
    runs.next ??= runs.underway.then(begins, begins)
    return runs.next
  }
}
