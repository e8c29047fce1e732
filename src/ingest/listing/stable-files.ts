import type { ObjectEntry } from "../../store/index.ts"

/** Tells whether a file may be taken: its size and time have been still for a while, as seen from here. */
export type Settling = {
  isSettled(entry: ObjectEntry): boolean
  /** Files seen that are still being written. */
  waiting(): number
  /** Call before each scan: forgets files that the last one did not see any more. */
  begin(): void
}

type Seen = { readonly version: string; readonly sinceMs: number; round: number }

/**
 * A file is settled when its version has not changed for `quietMs` of our own clock: the clock of a file server may
 * differ, and a copy may keep an old time. Only at the first look an old time is trusted, so that a start is not slow.
 */
export function openSettling(quietMs: number, nowMs: () => number): Settling {
  const seen = new Map<string, Seen>()
  let round = 0
  return {
    isSettled(entry) {
      const known = seen.get(entry.key)
      const now = nowMs()
      if (known?.version === entry.sourceVersion) {
        known.round = round
        return now - known.sinceMs >= quietMs
      }
      const isOldAtFirstLook = round <= 1 && now - entry.lastModifiedMs >= quietMs
      const sinceMs = isOldAtFirstLook ? Number.NEGATIVE_INFINITY : now
      seen.set(entry.key, { version: entry.sourceVersion, sinceMs, round })
      return isOldAtFirstLook
    },
    waiting: () => [...seen.values()].filter(({ sinceMs }) => nowMs() - sinceMs < quietMs).length,
    begin() {
      for (const [key, entry] of seen) if (entry.round < round) seen.delete(key)
      round += 1
    },
  }
}
