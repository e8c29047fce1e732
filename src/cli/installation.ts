import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { type Config, loadConfig, type Settings } from "../config/index.ts"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import { type Call, textOption } from "./command.ts"
import { STATE_FOLDER_NAME } from "./state-folder.ts"

/** Which folder of frames a command is about, and its settings. */
export type Installation = {
  readonly config: Config
  readonly settings: Settings
  /** Absolute path of the folder of frames: the bucket. */
  readonly root: string
  /** Name of the folder: the bucket's name. */
  readonly bucket: string
}

/** Says, inside a state folder that lies elsewhere, which folder of frames it belongs to. */
const BELONGS_FILE = "frames-folder.json"

/**
 * The folder of frames: the one given, else the one that the named state belongs to, else the nearest folder from here
 * upwards that has a state, else this one. Fails: config/invalid, source/gone when the folder does not exist.
 */
export function findInstallation(call: Call, given: string | null): Result<Installation> {
  const named = given ?? textOption(call, "dir")
  const first = settingsFor(call, resolve(call.cwd, named ?? "."))
  if (!first.ok) return first
  const origin = first.value.origins.stateDir.kind
  const folder =
    named ?? (origin === "default" ? nearestWithState(call.cwd) : belongsTo(first.value.config.stateDir)) ?? "."
  const settings = settingsFor(call, resolve(call.cwd, folder))
  return settings.ok ? installationOf(resolve(call.cwd, folder), settings.value) : settings
}

const settingsFor = ({ flags, env, cwd }: Call, folder: string): Result<Settings> =>
  loadConfig({ flags, env, cwd, defaultStateDir: join(folder, STATE_FOLDER_NAME) })

function installationOf(folder: string, settings: Settings): Result<Installation> {
  const root = realpathOf(folder)
  if (root === null) {
    return failed(failure("config/invalid", `${folder} cannot be read: name the folder that holds the frames.`))
  }
  if (!statSync(root).isDirectory()) {
    const says = `${folder} is a file: name the folder that holds it; all its frames are taken. \`inspect\` takes one file.`
    return failed(failure("config/invalid", says))
  }
  const bucket = basename(root)
  if (bucket === "")
    return failed(
      failure("config/invalid", "The root of the file system has no name to be a bucket: name a folder in it."),
    )
  return done({ config: settings.config, settings, root, bucket })
}

function realpathOf(folder: string): string | null {
  try {
    return realpathSync(folder)
  } catch (error) {
    if (error instanceof Error && "code" in error) return null
    throw error
  }
}

/** Upwards from `folder`, as git looks for its repository. */
function nearestWithState(folder: string): string | null {
  if (existsSync(join(folder, STATE_FOLDER_NAME))) return folder
  const above = dirname(folder)
  return above === folder ? null : nearestWithState(above)
}

/** Remembers in the state which folder it belongs to, for commands that are given the state alone. */
export const rememberFolder = (stateDir: string, root: string): void =>
  writeFileSync(join(stateDir, BELONGS_FILE), `${JSON.stringify({ root })}\n`)

function belongsTo(stateDir: string): string | null {
  if (basename(stateDir) === STATE_FOLDER_NAME) return dirname(stateDir)
  try {
    const { root } = JSON.parse(readFileSync(join(stateDir, BELONGS_FILE), "utf8")) as { root?: unknown }
    return typeof root === "string" ? root : null
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error)) return null
    throw error
  }
}
