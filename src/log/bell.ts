/** Wakes one sleeper. A ring that nobody waits for is kept until the next wait, so none is lost. */
export type Bell = {
  ring(): void
  /** Resolves at the next ring, or at once when it rang since the last wait. */
  rung(): Promise<void>
}

export function createBell(): Bell {
  let kept = false
  let wake: (() => void) | null = null
  return {
    ring: () => {
      kept = true
      wake?.()
    },
    rung: () =>
      new Promise((resolve) => {
        wake = () => {
          kept = false
          wake = null
          resolve()
        }
        if (kept) wake()
      }),
  }
}
