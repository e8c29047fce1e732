/** Tells which files are still being written, by their versions and by what the file system says of them. */

import type { ObjectEntry } from "../../store/index.ts"

export type StableFiles = {
  /** Whether a file may be taken: it has been still for a while, as seen from here. */
  isStable(entry: ObjectEntry): boolean
  /** The file system says that the file is written at this moment. */
  touched(key: string): void
  /** Files that are to be looked at now: nothing was heard of them for long enough. */
  due(): readonly string[]
  /** When the next one is to be looked at, by the clock given; infinite where none waits. */
  nextDueMs(): number
  /** The file is gone. */
  forget(key: string): void
  /** Call before each listing of the whole folder: forgets files that the last one did not see any more. */
  begin(): void
}

type SeenFile = {
  /** Null before the first look. */
  version: string | null
  /** Since when it has been still. */
  sinceMs: number
  /** Whether the file system tells of its changes. */
  isHeardOf: boolean
  round: number
}

/**
 * A file is settled when its version has not changed for `quietMs` of our own clock: the clock of a file server may
 * differ, and a copy may keep an old time. Only at the first look an old time is trusted, so that a start is not slow; and where
 * the file system tells of changes and has told of none for so long, what it says of the last one.
 */
export function openStableFiles(quietMs: number, nowMs: () => number): StableFiles {
  const seen = new Map<string, SeenFile>()
  const waiting = new Set<string>()
  let round = 0
  const settled = (key: string, known: SeenFile, isSettled: boolean): boolean => {
    seen.set(key, known)
    if (isSettled) waiting.delete(key)
    else waiting.add(key)
    return isSettled
  }
  const dueMs = (key: string): number => (seen.get(key)?.sinceMs ?? 0) + quietMs
  return {
    isStable({ key, sourceVersion: version, lastModifiedMs }) {
      const known = seen.get(key)
      const now = nowMs()
      const isQuiet = known !== undefined && now - known.sinceMs >= quietMs
      if (known?.version === version) return settled(key, Object.assign(known, { round }), isQuiet)
      const isOld = now - lastModifiedMs >= quietMs
      const isTrusted = known === undefined ? round <= 1 : known.isHeardOf && isQuiet
      if (isOld && isTrusted) {
        const sinceMs = known?.sinceMs ?? Number.NEGATIVE_INFINITY
        return settled(key, { version, sinceMs, isHeardOf: known?.isHeardOf ?? false, round }, true)
      }
      return settled(key, { version, sinceMs: now, isHeardOf: known?.isHeardOf ?? false, round }, false)
    },
    touched(key) {
      const version = seen.get(key)?.version ?? null
      settled(key, { version, sinceMs: nowMs(), isHeardOf: true, round }, false)
    },
    due: () => [...waiting].filter((key) => nowMs() >= dueMs(key)),
    nextDueMs: () => [...waiting].reduce((next, key) => Math.min(next, dueMs(key)), Number.POSITIVE_INFINITY),
    forget(key) {
      seen.delete(key)
      waiting.delete(key)
    },
    begin() {
      for (const [key, file] of seen) if (file.round < round) this.forget(key)
      round += 1
    },
  }
}
