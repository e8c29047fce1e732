/** Wakes one sleeper. A ring that nobody waits for is kept until the next wait, so none is lost. */
export type Bell = {
  ring(): void
  /** Whoever waits, now or later, ends with this bug of something that nobody waits for. */
  fail(bug: unknown): void
  /** Resolves at the next ring, or at once when it rang since the last wait. Rejects with the bug that it was told of. */
  rung(): Promise<void>
}

export function createBell(): Bell {
  let kept = false
  let broken: { readonly bug: unknown } | null = null
  let wake: (() => void) | null = null
  return {
    ring: () => {
      kept = true
      wake?.()
    },
    fail: (bug) => {
      broken ??= { bug }
      wake?.()
    },
    rung: () =>
      new Promise((resolve, reject) => {
        wake = () => {
          kept = false
          wake = null
          if (broken === null) resolve()
          else reject(broken.bug)
        }
        if (kept || broken !== null) wake()
      }),
  }
}
