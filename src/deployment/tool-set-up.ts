/** Installs the picture tools and the native library, by the script that comes with the package. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import type { Environment } from "../config/index.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import { packageFolder } from "../picture/tools/find-tool.ts"
import { userCacheFolder } from "./state-folder.ts"

/** Where the tools are installed: in a checkout beside its sources, else in the user's cache. */
export type ToolsPlace = {
  readonly script: string
  readonly args: readonly string[]
  /** Folder that they are in afterwards. */
  readonly folder: string
  /** What pip is to fetch: name and version. */
  readonly wheels: readonly string[]
  /** The file that names them with their checksums. */
  readonly requirements: string
}

/** Fails: config/invalid where the user has no place for what programs can fetch again; tool/missing in an image. */
export async function toolsPlace(env: Environment): Promise<Result<ToolsPlace>> {
  const root = await packageFolder()
  const requirements = join(root, "scripts/picture-tools.txt")
  if (!existsSync(requirements)) return failed(failure("tool/missing", NO_SCRIPT))
  const wheels = readFileSync(requirements, "utf8").match(/^[A-Za-z]\S*==\S+/gm) ?? []
  const common = { script: join(root, "scripts/setup"), wheels, requirements }
  if (existsSync(join(root, "src/cli/bin.ts")))
    return done({ ...common, args: ["--tools-only"], folder: join(root, "vendor") })
  const cache = userCacheFolder(env)
  return cache === null
    ? failed(failure("config/invalid", NO_CACHE))
    : done({ ...common, args: ["--tools-into", cache], folder: join(cache, "vendor") })
}

const NO_SCRIPT =
  "This installation has no set-up of its own: an image brings its picture tools along. `doctor` says whether they answer."

const NO_CACHE =
  "There is no folder to install into: this user has no HOME. Name the whole path of one for caches in XDG_CACHE_HOME, here and wherever frames are rendered."

export type SetUpSurroundings = {
  readonly env: Environment
  /** Gets what the script says. */
  readonly say: (text: string) => void
  readonly stop: AbortSignal
}

/** The script's exit code; null where it was stopped, which leaves everything as it was. */
export async function setUpTools(
  { script, args }: Pick<ToolsPlace, "script" | "args">,
  { env, say, stop }: SetUpSurroundings,
): Promise<number | null> {
  // A group of its own: pip and compilers are to end with it, and Ctrl-C is told by us alone.
  const child = spawn("bash", [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"], detached: true })
  const end = (): void => void (child.pid !== undefined && process.kill(-child.pid, "SIGTERM"))
  stop.addEventListener("abort", end)
  for (const stream of [child.stdout, child.stderr] as Readable[]) stream.setEncoding("utf8").on("data", say)
  try {
    const [code] = (await once(child, "close")) as [number | null]
    return stop.aborted ? null : code
  } finally {
    stop.removeEventListener("abort", end)
  }
}
