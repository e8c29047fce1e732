/**
 * Runs what nobody waits for: a timer, a listener, a goodbye. Whatever it throws or rejects with is a bug of ours, and
 * reaches `broken`, which ends whoever is waited for: no promise is left without a catch.
 */
export function unattended(work: () => unknown, broken: (bug: unknown) => void): void {
  // The async function makes a rejection of a throw; what is before the first wait runs at once.
  const running = async (): Promise<void> => {
    await work()
  }
  running().catch(broken)
}

/** Where a bug is, for a log or a terminal; whatever was thrown. */
export const stackOf = (bug: unknown): string => (bug instanceof Error ? (bug.stack ?? bug.message) : String(bug))
