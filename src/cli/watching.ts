import { watch } from "node:fs"
import type { Clock } from "../events/clock.ts"
import { unsafeDisk } from "../state/local-disk.ts"

/** Tells when a folder is worth another look. */
export type Watching = {
  /** Resolves after `atLeastMs`, and then as soon as something changed, or after `atMostMs`, or when `stop` aborts. */
  next(wait: { readonly atLeastMs: number; readonly atMostMs: number }, stop: AbortSignal): Promise<void>
  close(): void
}

/** A change notice may get lost even on a local disk: look again after a while in any case. */
export const LOCAL_RECHECK_MS = 30_000

/** Notices from the kernel on a local disk; on a network mount, which has none of other machines' changes, the clock alone. */
export async function watchFolder(root: string, clock: Clock): Promise<Watching & { readonly notices: boolean }> {
  // What is unsafe for a database has no notices either: a network file system.
  return (await unsafeDisk(root)) === null
    ? noticing(root, clock)
    : { notices: false, next: ({ atLeastMs }, stop) => clock.sleep(atLeastMs, stop), close: () => undefined }
}

function noticing(root: string, clock: Clock): Watching & { readonly notices: boolean } {
  let wake: AbortController = new AbortController()
  let changed = false
  const watcher = watch(root, { recursive: true, persistent: false }, () => {
    changed = true
    wake.abort()
  })
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
