/** Watches a folder for files that arrive, and tells which of them are still being written. */

import { type FSWatcher, watch } from "node:fs"
import { unsafeDisk } from "../../state/local-disk.ts"
import type { ObjectEntry } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"

/** Tells whether a file may be taken: its size and time have been still for a while, as seen from here. */
type Settling = {
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

/** Tells when a folder is worth another look. */
type Watching = {
  /** Resolves after `atLeastMs`, and then as soon as something changed, or after `atMostMs`, or when `stop` aborts. */
  next(wait: { readonly atLeastMs: number; readonly atMostMs: number }, stop: AbortSignal): Promise<void>
  close(): void
}

/** A change notice may get lost even on a local disk: look again after a while in any case. */
export const LOCAL_RECHECK_MS = 30_000

/** Notices from the kernel on a local disk; on a network mount, which has none of other machines' changes, the clock alone. */
export async function watchFolder(
  root: string,
  clock: Clock,
  open: OpenWatcher = openWatcher,
): Promise<Watching & { readonly notices: boolean }> {
  // What is unsafe for a database has no notices either: a network file system.
  const noticed = (await unsafeDisk(root)) === null ? noticing(root, clock, open) : null
  return (
    noticed ?? { notices: false, next: ({ atLeastMs }, stop) => clock.sleep(atLeastMs, stop), close: () => undefined }
  )
}

/** Calls `changed` at each change below a folder. Throws, or tells of an error, where the system has no watches left. */
export type OpenWatcher = (root: string, changed: () => void) => Pick<FSWatcher, "on" | "close">

const openWatcher: OpenWatcher = (root, changed) => watch(root, { recursive: true, persistent: false }, changed)

/** Null where no notices can be had: the folder went away, or watches or files have run out. */
function noticing(root: string, clock: Clock, open: OpenWatcher): (Watching & { readonly notices: boolean }) | null {
  let wake: AbortController = new AbortController()
  let changed = false
  const watcher = opened(() =>
    open(root, () => {
      changed = true
      wake.abort()
    }),
  )
  if (watcher === null) return null
  // Out of watches, or a folder that went away: the regular look goes on without notices.
  watcher.on("error", () => watcher.close())
  return {
    notices: true,
    async next({ atLeastMs, atMostMs }, stop) {
      await clock.sleep(atLeastMs, stop)
      wake = new AbortController()
      if (!changed) await clock.sleep(Math.max(0, atMostMs - atLeastMs), AbortSignal.any([wake.signal, stop]))
      changed = false
    },
    close: () => watcher.close(),
  }
}

/** What the file system says is the world's; anything else is a bug. */
function opened<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return null
    throw error
  }
}
