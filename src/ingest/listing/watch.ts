/** Watches a folder for files that arrive, change and go. */

import type { Failure, Result } from "../../events/result.ts"
import { unsafeDisk } from "../../state/local-disk.ts"
import { recentMap } from "../../system/recent-map.ts"
import type { Intake } from "../index.ts"
import { type ChangeNotices, type OpenWatcher, openChangeNotices, openWatcher } from "./change-notices.ts"
import { openHintsTold } from "./hints.ts"
import { type FolderPorts, listFolder, lookAtFiles } from "./look.ts"
import type { ScanOptions } from "./scan.ts"
import type { ScanReport } from "./scan-report.ts"
import { openStableFiles, type StableFiles } from "./stable-files.ts"

export type WatchOptions = Pick<ScanOptions, "bucket" | "prefix" | "endings" | "selection" | "onDecision"> & {
  readonly root: string
  /** A file is taken when it has been still for so long. */
  readonly quietMs: number
  /** Between two listings where the system gives no notices of changes, and after an outage. */
  readonly pollMs: number
  /** Told after each listing of the whole folder, and of outages; what one hides is looked for again after `pollMs`. */
  readonly onLook: (report: Result<ScanReport>) => void
  /** Told once where notices end: there are not enough of the system's watches, say. */
  readonly onLost?: (says: string) => void
  /** Absent: the system's. */
  readonly open?: OpenWatcher
}

/** Tells whether the system gives notices of changes. */
export type WatchIntake = Intake & { readonly notices: boolean }

/** Notices may get lost: the whole folder is listed again after this, or after ten times as long as the last listing took. */
const [RECHECK_MS, RECHECK_TIMES, MOST_RECHECK_MS] = [30_000, 10, 600_000]

/** Changes are gathered for this long: a frame that is written makes hundreds. */
const GATHER_MS = 50

/** Changed folders that are listed side by side, so that a huge one keeps no other waiting. */
const FOLDERS_AT_ONCE = 8

/** At most so long nobody looks whether a file that was found by listing has become still. */
const IDLE_MS = 250

type Watch = WatchOptions & {
  readonly ports: FolderPorts
  readonly stable: StableFiles
  readonly notices: ChangeNotices | null
  readonly told: ReturnType<typeof openToldArrivals>
  readonly folders: ReturnType<typeof openChangedFolders>
  /** Ends the wait for the next change. */
  readonly awake: { signal: AbortSignal }
}

/** More than are listed while a row is on its way. */
const MOST_TOLD = 10_000

/** Listing and looks at single files go on at one time, and may find one arrival both. */
function openToldArrivals() {
  let told = recentMap<true>(MOST_TOLD)
  return {
    has: (elementId: string): boolean => told.get(elementId) === true,
    note: (elementId: string): void => told.set(elementId, true),
    /** What an outage kept from the log was not told. */
    clear: (): void => {
      told = recentMap(MOST_TOLD)
    },
  }
}

/** Folders that are to be listed: each by one at a time, and once more where it changes meanwhile. */
function openChangedFolders() {
  const [waiting, listing] = [new Set<string>(), new Set<string>()]
  let changed = Promise.withResolvers<void>()
  const change = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  return {
    add: (prefix: string): void => {
      waiting.add(prefix)
      change()
    },
    /** The next one, whose listing is over with `done`; null when it is time to stop. */
    next: async (stop: AbortSignal): Promise<{ readonly prefix: string; readonly done: () => void } | null> => {
      stop.addEventListener("abort", change, { once: true })
      while (!stop.aborted) {
        const prefix = [...waiting].find((one) => !listing.has(one))
        if (prefix === undefined) {
          await changed.promise
          continue
        }
        waiting.delete(prefix)
        listing.add(prefix)
        stop.removeEventListener("abort", change)
        const done = (): void => {
          listing.delete(prefix)
          change()
        }
        return { prefix, done }
      }
      return null
    },
  }
}

/**
 * Hears of files from the kernel where the folder is on a local disk, and takes each when it has been still for a while. The
 * whole folder is listed besides: at the start, from time to time since notices may get lost, and every `pollMs` where there are
 * none (a network mount has none of other machines' changes). What an outage hides from one look is there for the next; any
 * other failure ends it.
 */
export async function openWatchIntake(given: FolderPorts, options: WatchOptions): Promise<WatchIntake> {
  const ports = { ...given, hintsTold: openHintsTold(given.queue.log) }
  let waking = new AbortController()
  const awake = { signal: waking.signal }
  const wake = (): void => {
    waking.abort()
    waking = new AbortController()
    awake.signal = waking.signal
  }
  const { root, open = openWatcher, quietMs } = options
  // What is unsafe for a database has no notices either: a network file system.
  const isLocal = (await unsafeDisk(root)) === null
  const notices = isLocal ? await openChangeNotices({ root, open, wake }) : null
  const stable = openStableFiles(quietMs, () => ports.clock.nowMs())
  const opened = { told: openToldArrivals(), folders: openChangedFolders() }
  const watch: Watch = { ...options, ...opened, ports, stable, notices, awake }
  return {
    notices: notices !== null && notices.lost() === null,
    run: async (stop) => {
      const ending = new AbortController()
      const until = AbortSignal.any([stop, ending.signal])
      const listers = Array.from({ length: FOLDERS_AT_ONCE }, () => listChanged(watch, until))
      const loops = [listAgain(watch, until), lookAtChanges(watch, until), ...listers].map((loop) =>
        loop.finally(() => ending.abort()),
      )
      const ended = await Promise.all(loops).finally(() => notices?.close())
      return ended.find((failure) => failure !== null) ?? null
    },
  }
}

const lookOptions = (
  { bucket, prefix, endings, selection, onDecision, stable, told }: Watch,
  signal: AbortSignal,
): ScanOptions => ({
  bucket,
  told,
  signal,
  isStable: stable.isStable,
  ...(prefix && { prefix }),
  ...(endings && { endings }),
  ...(selection && { selection }),
  ...(onDecision && { onDecision }),
})

/** The failure that ends everything; null for one that passes, which is told, and for none. */
function fatal({ onLook, told }: Watch, looked: Result<unknown>): Failure | null {
  if (looked.ok) return null
  told.clear()
  if (looked.failure.kind !== "outage") return looked.failure
  onLook({ ok: false, failure: looked.failure })
  return null
}

async function listAgain(watch: Watch, stop: AbortSignal): Promise<Failure | null> {
  const { ports, stable, notices, onLook, onLost, pollMs } = watch
  let isTold = false
  while (!stop.aborted) {
    const begunMs = ports.clock.steadyMs()
    stable.begin()
    const report = await listFolder(ports, lookOptions(watch, stop))
    const failure = fatal(watch, report)
    if (failure !== null) return failure
    if (report.ok) onLook(report)
    const lost = notices?.lost() ?? null
    if (lost !== null && !isTold) {
      onLost?.(`${lost}: it is listed every ${pollMs / 1000} s instead.`)
      isTold = true
    }
    const tookMs = ports.clock.steadyMs() - begunMs
    const recheckMs = Math.min(MOST_RECHECK_MS, Math.max(RECHECK_MS, RECHECK_TIMES * tookMs))
    await sleepUntil(watch, report.ok && notices !== null && lost === null ? recheckMs : pollMs, stop)
  }
  return null
}

/** Where notices end meanwhile, listing has to take their place at once. */
async function sleepUntil({ ports, notices, awake }: Watch, ms: number, stop: AbortSignal): Promise<void> {
  const hadNotices = notices?.lost() === null
  const untilMs = ports.clock.steadyMs() + ms
  for (let leftMs = ms; leftMs > 0 && !stop.aborted; leftMs = untilMs - ports.clock.steadyMs()) {
    await ports.clock.sleep(leftMs, hadNotices ? AbortSignal.any([stop, awake.signal]) : stop)
    if (hadNotices && notices?.lost() !== null) return
  }
}

async function lookAtChanges(watch: Watch, stop: AbortSignal): Promise<Failure | null> {
  const { ports, stable, notices, awake, folders } = watch
  while (!stop.aborted) {
    // Before anything is taken: a change that comes later ends the wait below.
    const { signal } = awake
    const changes = notices?.take() ?? null
    for (const key of changes?.written ?? []) stable.touched(key)
    for (const prefix of changes?.folders ?? []) folders.add(prefix)
    const keys = [...new Set([...(changes?.renamed ?? []), ...stable.due()])]
    const failure = fatal(watch, await lookAtFiles(ports, lookOptions(watch, stop), { keys, stable }))
    if (failure !== null) return failure
    await ports.clock.sleep(GATHER_MS, stop)
    const leftMs = Math.min(IDLE_MS, stable.nextDueMs() - ports.clock.nowMs())
    if (leftMs > 0) await ports.clock.sleep(leftMs, AbortSignal.any([stop, signal]))
  }
  return null
}

/** Lists the folders that changed, one after the other; others like it list others meanwhile. */
async function listChanged(watch: Watch, stop: AbortSignal): Promise<Failure | null> {
  while (!stop.aborted) {
    const folder = await watch.folders.next(stop)
    if (folder === null) return null
    const listed = await listFolder(watch.ports, { ...lookOptions(watch, stop), prefix: folder.prefix })
    folder.done()
    const failure = fatal(watch, listed)
    if (failure !== null) return failure
  }
  return null
}
