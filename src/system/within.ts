import type { Clock } from "./clock.ts"

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
    over.abort()
  }
}
