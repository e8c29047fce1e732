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
