import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { type Call, textOption } from "../cli/command.ts"
import { type Config, loadConfig, type Settings } from "../config/index.ts"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import { type FolderOutputs, folderOutputs } from "./folder-outputs.ts"
import { defaultStateFolder, hasState, STATE_FOLDER_NAME } from "./state-folder.ts"

/** Which folder of frames a command is about, and its settings. */
export type Installation = {
  readonly config: Config
  readonly settings: Settings
  /** Absolute path of the folder of frames: the bucket. */
  readonly root: string
  /** The bucket's name: that of the folder when its state was made, whatever it is called by now. */
  readonly bucket: string
  /** Where outputs go instead of beside the frames; null for beside them. */
  readonly outputs: FolderOutputs | null
  /** Where the last run had them, when that was elsewhere: what is there is copied instead of rendered. */
  readonly formerOutputs: FolderOutputs | null
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
    named ??
    (origin === "default" ? nearestWithState(call.cwd, call.env) : belongsTo(first.value.config.stateDir)) ??
    "."
  const settings = settingsFor(call, resolve(call.cwd, folder))
  return settings.ok ? installationOf(resolve(call.cwd, folder), settings.value) : settings
}

const settingsFor = ({ flags, env, cwd }: Call, folder: string): Result<Settings> =>
  loadConfig({ flags, env, cwd, defaultStateDir: defaultStateFolder(folder, env) })

function installationOf(folder: string, settings: Settings): Result<Installation> {
  const root = realpathOf(folder)
  if (root === null) {
    const what = existsSync(folder) ? "cannot be read" : "does not exist"
    return failed(failure("config/invalid", `${folder} ${what}: name the folder that holds the frames.`))
  }
  if (!statSync(root).isDirectory()) {
    const says = `${folder} is a file: name the folder that holds it; all its frames are taken. \`inspect\` takes one file.`
    return failed(failure("config/invalid", says))
  }
  const bucket = rememberedBucket(settings.config.stateDir, root) ?? basename(root)
  if (bucket === "")
    return failed(
      failure("config/invalid", "The root of the file system has no name to be a bucket: name a folder in it."),
    )
  // The one of the last run, so that a run without the setting does not write among plates that are to stay untouched.
  const last = remembered(settings.config.stateDir)?.outputs ?? null
  const outputs = folderOutputs(settings.config.outputs ?? last, { root, bucket })
  if (!outputs.ok) return outputs
  const former = folderOutputs(last, { root, bucket })
  const formerOutputs = former.ok && former.value?.root !== outputs.value?.root ? former.value : null
  return done({ config: settings.config, settings, root, bucket, outputs: outputs.value, formerOutputs })
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
function nearestWithState(folder: string, env: Call["env"]): string | null {
  if (hasState(folder, env)) return folder
  const above = dirname(folder)
  return above === folder ? null : nearestWithState(above, env)
}

/**
 * Remembers in the state which folder it belongs to, for commands that are given the state alone, and what its bucket is
 * called, for when the folder is renamed, and where its outputs go.
 */
export const rememberFolder = (
  stateDir: string,
  { root, bucket, outputs }: Pick<Installation, "root" | "bucket" | "outputs">,
): void =>
  writeFileSync(
    join(stateDir, BELONGS_FILE),
    `${JSON.stringify({ root, bucket, ...(outputs === null ? {} : { outputs: outputs.root }) })}\n`,
  )

const belongsTo = (stateDir: string): string | null =>
  basename(stateDir) === STATE_FOLDER_NAME ? dirname(stateDir) : (remembered(stateDir)?.root ?? null)

/**
 * The name that a folder's facts and rows have in its state. A state elsewhere may be told of a second folder: that has a
 * name of its own, unless the first is gone, and so was moved.
 */
function rememberedBucket(stateDir: string, root: string): string | null {
  const known = remembered(stateDir)
  if (known === null) return null
  const isThis = dirname(stateDir) === root || known.root === root || !existsSync(known.root)
  return isThis ? known.bucket : null
}

/** Says that the folder goes by another name than its own; null where it does not. */
export const renamedNote = ({ root, bucket }: Pick<Installation, "root" | "bucket">): string | null =>
  basename(root) === bucket
    ? null
    : `The folder was called ${bucket} when its state was made: it stays the bucket ${bucket}, and nothing is made again.`

/** Says that the folder has a state of its own beside the one that is used; null where it does not. */
export const secondStateNote = ({
  root,
  config: { stateDir },
}: Pick<Installation, "root" | "config">): string | null => {
  const own = join(root, STATE_FOLDER_NAME)
  return resolve(stateDir) === own || !existsSync(own)
    ? null
    : `note: The folder has a state of its own in ${own}, which is left alone: ${stateDir} is used, and what only the other one knows is looked at again.`
}

type Remembered = Pick<Installation, "root" | "bucket"> & { readonly outputs: string | null }

function remembered(stateDir: string): Remembered | null {
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
