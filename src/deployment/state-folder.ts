import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { basename, dirname, isAbsolute, join } from "node:path"
import type { Environment } from "../config/index.ts"

/** Name of the folder that holds log and tables, inside the folder of frames, unless a setting names another place. */
export const STATE_FOLDER_NAME = ".oiio-proxy-generator"

/** Where the state of a folder lies that cannot hold it itself; null where the user has no place for such. */
export function userStateFolder(folder: string, { XDG_STATE_HOME, HOME }: Environment): string | null {
  const home = isAbsolute(HOME ?? "") ? join(HOME ?? "", ".local", "state") : null
  // The XDG specification has relative paths ignored.
  const states = XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : home
  const name = createHash("sha256").update(realOf(folder)).digest("hex").slice(0, 32)
  return states === null ? null : join(states, "oiio-proxy-generator", name)
}

/** Where a user's programs keep what they can make or fetch again; null where the user has no place for such. */
export function userCacheFolder({ XDG_CACHE_HOME, HOME }: Environment): string | null {
  const home = isAbsolute(HOME ?? "") ? join(HOME ?? "", ".cache") : null
  const caches = XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : home
  return caches === null ? null : join(caches, "oiio-proxy-generator")
}

/** Both spellings of a folder that is reached through a link have one state. */
const realOf = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : folder)

/** In the folder itself, unless the only state there is lies in the user's. */
export function defaultStateFolder(folder: string, env: Environment): string {
  const inside = join(folder, STATE_FOLDER_NAME)
  const users = existsSync(inside) ? null : userStateFolder(folder, env)
  return users !== null && existsSync(users) ? users : inside
}

export const hasState = (folder: string, env: Environment): boolean => existsSync(defaultStateFolder(folder, env))

/** False where the file system denies it; what else is wrong, whoever opens the state tells. */
export function makeStateFolder(folder: string): boolean {
  try {
    // Not with its parents: of a disk that is mounted read-only, Node says ENOENT then.
    mkdirSync(folder)
    return true
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null
    if (typeof code !== "string") throw error
    return !["EACCES", "EPERM", "EROFS"].includes(code)
  }
}

/** What a state remembers of the folder that it belongs to. */
export type RememberedFolder = {
  /** Absolute path of the folder of frames. */
  readonly root: string
  readonly bucket: string
  /** Absolute path of the folder of outputs; null for beside the frames. */
  readonly outputs: string | null
}

/** Says, inside a state folder that lies elsewhere, which folder of frames it belongs to. */
const BELONGS_FILE = "frames-folder.json"

/**
 * Remembers in the state which folder it belongs to, for commands that are given the state alone, and what its bucket is
 * called, for when the folder is renamed, and where its outputs go.
 */
export const rememberFolder = (stateDir: string, { root, bucket, outputs }: RememberedFolder): void =>
  writeFileSync(
    join(stateDir, BELONGS_FILE),
    `${JSON.stringify({ root, bucket, ...(outputs === null ? {} : { outputs }) })}\n`,
  )

/** The folder of frames that a state belongs to; null where nothing tells. */
export const belongsTo = (stateDir: string): string | null =>
  basename(stateDir) === STATE_FOLDER_NAME ? dirname(stateDir) : (remembered(stateDir)?.root ?? null)

/**
 * The name that a folder's facts and rows have in its state. A state elsewhere may be told of a second folder: that has a
 * name of its own, unless the first is gone, and so was moved.
 */
export function rememberedBucket(stateDir: string, root: string): string | null {
  const known = remembered(stateDir)
  if (known === null) return null
  const isThis = dirname(stateDir) === root || known.root === root || !existsSync(known.root)
  return isThis ? known.bucket : null
}

/** What a state remembers; null where there is none, or none that can be read. */
export function remembered(stateDir: string): RememberedFolder | null {
  try {
    const { root, bucket, outputs } = JSON.parse(readFileSync(join(stateDir, BELONGS_FILE), "utf8")) as Record<
      string,
      unknown
    >
    // A state of an older version tells the folder alone.
    if (typeof root !== "string") return null
    return {
      root,
      bucket: typeof bucket === "string" ? bucket : basename(root),
      outputs: typeof outputs === "string" ? outputs : null,
    }
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error)) return null
    throw error
  }
}
