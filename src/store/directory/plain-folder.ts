/** Whether a path is the only name of what it leads to: no link on the way, so it cannot lead out of its bucket. */

import { readlinkSync } from "node:fs"
import { mkdir, realpath } from "node:fs/promises"
import { dirname } from "node:path"
import { failed, failure } from "../../events/result.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import { sharedRuns } from "../../system/concurrency.ts"
import { recentMap } from "../../system/recent-map.ts"
import { orNull } from "../file-errors.ts"
import type { OpenFile } from "./object-file.ts"
import { syncFolder } from "./sync-folder.ts"

/** No link anywhere on the way: the path is the only name of what it leads to, so it cannot lead out of the root. */
export const isPlain = async (path: string): Promise<boolean> => (await realPaths(path, () => realpath(path))) === path

/** Frames of one folder ask for it at one time. */
const realPaths = sharedRuns<string>()

export const linkRefused = (what: string) =>
  failed(
    failure(
      "store/denied",
      `${what} is reached through a link to a folder, or one that leads out of the bucket or in a circle, which are not followed; name the real folder.`,
    ),
  )

/** Creates the folder and those above it, durably; false when a link is on the way. */
export async function ensureFolder(root: string, folder: string): Promise<boolean> {
  const real = await realpath(folder).catch(orNull("ENOENT"))
  if (real !== null) return real === folder
  const above = dirname(folder)
  if (folder === root || !(await ensureFolder(root, above))) return false
  const made = await mkdir(folder).then(() => true, orNull("EEXIST"))
  if (made) await syncFolder(above)
  return isPlain(folder)
}

/**
 * Whether the system itself names what was opened by this very path: then no link was on the way, whatever is done to the folders
 * meanwhile. False also where it cannot tell; then {@link isPlain} does. It is asked in this thread, since no disk is: only Linux
 * keeps these names, in memory.
 */
export function isAt({ handle }: OpenFile, path: string): boolean {
  if (process.platform !== "linux") return false
  try {
    return readlinkSync(`/proc/self/fd/${handle.fd}`) === path
  } catch (error) {
    orNull(...NAMELESS)(error)
    return false
  }
}

/** Where /proc is not mounted, or hidden. */
const NAMELESS = ["ENOENT", "EACCES", "EPERM", "ENAMETOOLONG"]

/** {@link isPlain}, and for folders that were it a moment ago without a look: one element asks for its names several times. */
export type PlainFolders = (folder: string) => Promise<boolean>

/** Whoever reads or stores a file looks anew. */
const REMEMBERED_MS = 250

const MOST_REMEMBERED = 256

export function openPlainFolders({ steadyMs }: Pick<Clock, "steadyMs"> = systemClock): PlainFolders {
  const seenMs = recentMap<number>(MOST_REMEMBERED)
  return async (folder) => {
    const nowMs = steadyMs()
    if (nowMs - (seenMs.get(folder) ?? Number.NEGATIVE_INFINITY) < REMEMBERED_MS) return true
    const isPlainNow = await isPlain(folder)
    if (isPlainNow) seenMs.set(folder, nowMs)
    return isPlainNow
  }
}
