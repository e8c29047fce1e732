// Time: the clock as a port, waits with a limit, waits between tries, and what is said once in a while.

/** Time as a port, so that a test can own it. */
export type Clock = {
  /** Wall clock, epoch milliseconds. */
  nowMs(): number
  /** Steady clock for durations, milliseconds from an arbitrary start. */
  steadyMs(): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Why a sleep ends early, where nobody asks: without a reason each abort makes an error with its stack, for 0.1 ms. */
export const AWAKE = "awake"

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal?.addEventListener("abort", wake, { once: true })
    }),
}

export type Limit<T> = {
  readonly clock: Pick<Clock, "sleep">
  /** Longest wait, milliseconds. */
  readonly ms: number
  /** What stands for an answer that did not come in time. */
  readonly late: () => T
  /** Ends the wait before its time. */
  readonly stop?: AbortSignal
}

/** Waits for an answer, but not for ever: whatever makes it goes on, and is waited for no longer. Rejects as the answer does. */
export async function within<T>({ clock, ms, late, stop }: Limit<T>, answer: Promise<T>): Promise<T> {
  const over = new AbortController()
  const signal = stop === undefined ? over.signal : AbortSignal.any([over.signal, stop])
  try {
    return await Promise.race([answer, clock.sleep(ms, signal).then(late)])
  } finally {
    over.abort(AWAKE)
  }
}

/** How long to wait between tries, milliseconds: it doubles from the first wait up to the longest. */
export type Backoff = { readonly firstMs: number; readonly mostMs: number }

/** For a server that is away and is waited for as long as that takes. */
export const SERVER_AWAY: Backoff = { firstMs: 250, mostMs: 5_000 }

/**
 * The wait after the try of this number, which counts from 1. `random`, from 0 to 1, decides about the upper half of it, so that
 * many waiters do not come back as one; 1 is the whole wait.
 */
export const backoffMs = (attempt: number, { firstMs, mostMs }: Backoff, random = 1): number =>
  Math.min(mostMs, firstMs * 2 ** (attempt - 1)) * (0.5 + random / 2)

/** Says something about a subject, unless that subject was spoken of a short while ago. */
export type RateLimited = (subject: string, say: () => void) => void

/** Limits what is said of each subject to once in `everyMs`: of an outage one line tells enough, however much meets it. */
export function rateLimited(clock: Pick<Clock, "steadyMs">, everyMs: number): RateLimited {
  const saidAtMs = new Map<string, number>()
  return (subject, say) => {
    const nowMs = clock.steadyMs()
    if (nowMs - (saidAtMs.get(subject) ?? Number.NEGATIVE_INFINITY) < everyMs) return
    saidAtMs.set(subject, nowMs)
    say()
  }
}
