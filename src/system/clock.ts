/** Time as a port, so that a test can own it. */
export type Clock = {
  /** Wall clock, epoch milliseconds. */
  nowMs(): number
  /** Steady clock for durations, milliseconds from an arbitrary start. */
  steadyMs(): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

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
