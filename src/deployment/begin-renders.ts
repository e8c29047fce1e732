import { existsSync, opendirSync } from "node:fs"
import { join } from "node:path"
import type { Environment } from "../config/index.ts"
import { endingsOf } from "../config/table-folder.ts"
import { OUTPUTS_FOLDER } from "../element/key.ts"
import { type Endings, isSource } from "../element/source.ts"
import { type EngineProcesses, openEngineProcesses } from "../picture/engines/render-processes.ts"
import type { Installation } from "./deployment-target.ts"
import { remembered, userCacheFolder } from "./state-folder.ts"

/** Render processes that start while the rest is opened. */
export type BegunRenders = EngineProcesses

/**
 * Starts the processes that will render a folder's first frames, before log, tables and engine are opened: they take as long
 * to start as those, on other cores, and starting them costs the less the smaller this program is. Null where
 * {@link framesToBegin} knows of nothing to render.
 */
export async function beginRenders(
  installation: Installation,
  { env }: { readonly env: Environment },
): Promise<BegunRenders | null> {
  const frames = framesToBegin(installation)
  if (frames === 0) return null
  const { config } = installation
  const opened = await openEngineProcesses({
    processes: processesOf(config),
    memoryLimitBytes: config.toolMemoryBytes,
    toolsHome: userCacheFolder(env),
  })
  opened.begin(frames)
  return opened
}

/** How many frames will be rendered at once as soon as there can be; 0 where only a listing tells, since a run has been here. */
export function framesToBegin({ config, root, outputs }: Installation): number {
  const { engine, stateDir, rendersInFlight } = config
  if (engine === "oiiotool" || outputs !== null || remembered(stateDir) !== null) return 0
  return framesAtFirstSight(root, endingsOf(config), rendersInFlight)
}

/** Render processes at most, of one machine. */
export const processesOf = ({
  rendersInFlight,
  backfillRendersInFlight,
}: Pick<Installation["config"], "rendersInFlight" | "backfillRendersInFlight">): number =>
  rendersInFlight + backfillRendersInFlight

/** Entries of folders that are looked at: a folder of a shot shows its frames within a few. */
const MOST_SEEN = 256

/** Number of frames, `most` at most, among the first entries of a folder and of those in it, where none has outputs. */
function framesAtFirstSight(root: string, endings: Endings, most: number): number {
  const folders = [root]
  let [seen, frames] = [0, 0]
  for (const folder of folders) {
    if (existsSync(join(folder, OUTPUTS_FOLDER))) continue
    const entries = opened(folder)
    if (entries === null) continue
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (entry.isFile() && isSource(entry.name, endings)) frames += 1
        if (entry.isDirectory() && !entry.name.startsWith(".")) folders.push(join(folder, entry.name))
        seen += 1
        if (frames >= most || seen >= MOST_SEEN) return frames
      }
    } finally {
      entries.closeSync()
    }
  }
  return frames
}

/** Null where a folder cannot be read: the listing will say so. */
function opened(folder: string): ReturnType<typeof opendirSync> | null {
  try {
    return opendirSync(folder)
  } catch (error) {
    if (error instanceof Error && "code" in error) return null
    throw error
  }
}
