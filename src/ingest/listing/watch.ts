/** Watches a folder for files that arrive, and tells which of them are still being written. */

import { type FSWatcher, watch as watchFileSystem } from "node:fs"
import type { Failure, Result } from "../../events/result.ts"
import { unsafeDisk } from "../../state/local-disk.ts"
import type { ObjectEntry } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"
import type { Intake } from "../index.ts"
import { missingRows, rowsInOrder } from "./in-order.ts"
import { type QueuePorts, queuedArrivals } from "./queued-arrivals.ts"
import type { ReconcilePorts } from "./reconcile.ts"
import { type ScanOptions, type ScanReport, scan } from "./scan.ts"

/** Tells whether a file may be taken: its size and time have been still for a while, as seen from here. */
type StableFiles = {
  isStable(entry: ObjectEntry): boolean
  /** Files seen that are still being written. */
  waiting(): number
  /** Call before each scan: forgets files that the last one did not see any more. */
  begin(): void
}

type SeenVersion = { readonly version: string; readonly sinceMs: number; round: number }

/**
 * A file is settled when its version has not changed for `quietMs` of our own clock: the clock of a file server may
 * differ, and a copy may keep an old time. Only at the first look an old time is trusted, so that a start is not slow.
 */
export function openStableFiles(quietMs: number, nowMs: () => number): StableFiles {
  const seen = new Map<string, SeenVersion>()
  let round = 0
  return {
    isStable(entry) {
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
const LOCAL_RECHECK_MS = 30_000

/**
 * Notices from the kernel on a local disk; on a network mount, which has none of other machines' changes, the clock
 * alone.
 */
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

const openWatcher: OpenWatcher = (root, changed) =>
  watchFileSystem(root, { recursive: true, persistent: false }, changed)

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

/** A listing of a whole folder that holds one bucket: what arrives is for today, not backfill. Fails as {@link scan}. */
export async function listFolder(
  { table, append, queue, ...ports }: FolderPorts,
  options: ScanOptions,
): Promise<Result<ScanReport>> {
  const queued = await queuedArrivals(queue)
  if (!queued.ok) return queued
  const rows = rowsInOrder(table, { bucket: options.bucket, prefix: "" })
  const missing = missingRows(rows, append, () => ports.clock.nowMs())
  const report = await scan({ ...ports, element: rows.element, append, queued: queued.value, missing }, options)
  await rows.close()
  return report
}

export type FolderPorts = ReconcilePorts & { readonly queue: QueuePorts }

export type WatchOptions = Pick<ScanOptions, "bucket" | "endings" | "onDecision"> & {
  readonly root: string
  /** A file is taken when it has been still for so long. */
  readonly quietMs: number
  /** Between two looks while files are being written, or where the system gives no notices of changes. */
  readonly pollMs: number
  /** Told after each look; a failure is an outage, and the next look comes after `pollMs`. */
  readonly onLook: (report: Result<ScanReport>) => void
}

/** Tells whether the system gives notices of changes. */
export type WatchIntake = Intake & { readonly notices: boolean }

/**
 * Lists a folder again and again, and takes a file when it has been still for a while. What an outage hides from one look
 * is there for the next; any other failure ends it.
 */
export async function openWatchIntake(ports: FolderPorts, options: WatchOptions): Promise<WatchIntake> {
  const watching = await watchFolder(options.root, ports.clock)
  return {
    notices: watching.notices,
    run: (stop) => lookUntil(ports, { ...options, watching }, stop).finally(watching.close),
  }
}

async function lookUntil(
  ports: FolderPorts,
  { bucket, endings, onDecision, quietMs, pollMs, onLook, watching }: WatchOptions & { readonly watching: Watching },
  stop: AbortSignal,
): Promise<Failure | null> {
  const stableFiles = openStableFiles(quietMs, () => ports.clock.nowMs())
  const options = {
    bucket,
    signal: stop,
    isStable: stableFiles.isStable,
    ...(endings && { endings }),
    ...(onDecision && { onDecision }),
  }
  while (!stop.aborted) {
    stableFiles.begin()
    const report = await listFolder(ports, options)
    if (!report.ok && report.failure.kind !== "outage") return report.failure
    onLook(report)
    const atMostMs = stableFiles.waiting() > 0 || !report.ok ? pollMs : LOCAL_RECHECK_MS
    await watching.next({ atLeastMs: Math.min(pollMs, 1000), atMostMs }, stop)
  }
  return null
}
