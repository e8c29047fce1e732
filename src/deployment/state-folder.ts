import { createHash } from "node:crypto"
import { existsSync, mkdirSync, realpathSync } from "node:fs"
import { isAbsolute, join } from "node:path"

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

type Environment = Readonly<Record<string, string | undefined>>

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
