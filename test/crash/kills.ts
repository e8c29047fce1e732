import { type FSWatcher, mkdirSync, rmSync, watch } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { type Frames, FULL_PROXIES, filesBelow } from "../machine/frames.ts"
import { type Ended, start } from "../machine/process.ts"
import { childrenOf, leftOverIn, namesIn, outlasting } from "./left-over.ts"

/** One set of frames and where its runs keep their state and temporary files. */
export type Bench = { readonly frames: Frames; readonly state: string; readonly scratch: string }

/** When a run is killed: after a time, or at a change that it makes to its outputs or its database. */
export type Instant = { readonly afterMs: number } | { readonly atChange: number }

/** What an undisturbed run takes: instants are spread over both. */
export type Extent = { readonly durationMs: number; readonly changes: number }

/** Where a kill hit. */
export type Hit = { readonly makers: number; readonly jobs: number; readonly uploads: number }

export const argv = ({ frames, state, scratch }: Bench): readonly string[] => [
  ...["run", frames.dir],
  ...["--state", state],
  ...["--scratch", scratch],
]

const outputFolders = ({ frames }: Bench): readonly string[] =>
  [...new Set(frames.files().map((key) => key.slice(0, key.lastIndexOf("/") + 1)))]
    .filter((folder) => !folder.includes(".proxies/"))
    .map((folder) => frames.path(`${folder}.proxies/.object-metadata`))

/** Calls back at every change of a file that a run stores or commits. */
function onChange(bench: Bench, changed: () => void): () => void {
  const folders = [...outputFolders(bench), bench.state]
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  const watchers: FSWatcher[] = folders.map((folder) => watch(folder, changed))
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}

/** Runs to the end, and measures. */
export async function undisturbed(bench: Bench): Promise<Extent & { readonly ended: Ended }> {
  let changes = 0
  const unwatch = onChange(bench, () => {
    changes += 1
  })
  const begunMs = performance.now()
  const ended = await start(argv(bench), { env: FULL_PROXIES }).ended
  unwatch()
  return { ended, changes, durationMs: performance.now() - begunMs }
}

/** Starts a run and kills it at that instant; null when it had come to its end before: exit code 1 where a frame is broken. */
export async function killed(bench: Bench, instant: Instant, endsWith: 0 | 1): Promise<Hit | null> {
  const running = start(argv(bench), { env: FULL_PROXIES })
  let seen = 0
  const makers: number[] = []
  const kill = (): void => {
    makers.push(...childrenOf(running.pid))
    running.send("SIGKILL")
  }
  const unwatch =
    "atChange" in instant
      ? onChange(bench, () => {
          seen += 1
          if (seen === instant.atChange) kill()
        })
      : () => undefined
  const stopped = new AbortController()
  const killing = "afterMs" in instant ? killAfter(instant.afterMs, kill, stopped.signal) : null
  const { code, signal, stderr } = await running.ended
  stopped.abort()
  unwatch()
  await killing
  const left = [...(await leftOverIn(bench.scratch)), ...(await outlasting(makers))]
  if (left.length > 0) throw new Error(`processes ${left.join(", ")} outlived the run that started them`)
  if (signal === "SIGKILL") return { makers: makers.length, ...remains(bench) }
  if (code === endsWith) return null
  throw new Error(`a run that nobody killed ended with ${code}: ${stderr}`)
}

async function killAfter(afterMs: number, kill: () => void, stopped: AbortSignal): Promise<void> {
  await sleep(afterMs, undefined, { signal: stopped }).catch(() => undefined)
  kill()
}

const remains = ({ frames, scratch }: Bench): Omit<Hit, "makers"> => ({
  jobs: namesIn(scratch).length,
  uploads: filesBelow(frames.dir).filter((key) => key.includes(".upload")).length,
})

/** Number of outputs there are. */
export const stored = ({ frames }: Bench): number =>
  frames.files().filter((key) => key.includes(".proxies/") && !key.includes(".object-metadata/")).length

/** As if nobody had ever run here: outputs and state are gone, the sources stay the files they are. */
export function forget({ frames, state }: Bench): void {
  for (const key of frames.files()) if (key.includes(".proxies/")) rmSync(frames.path(key), { force: true })
  rmSync(state, { recursive: true, force: true })
}

export const benchOf = (frames: Frames): Bench => ({
  frames,
  state: frames.beside("state"),
  scratch: frames.beside("scratch"),
})
