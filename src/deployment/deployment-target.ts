import { existsSync, realpathSync, statSync } from "node:fs"
import { basename, dirname, join, resolve, sep } from "node:path"
import { type Config, type Environment, type Flags, loadConfig, type Settings } from "../config/index.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import { type FolderOutputs, folderOutputs } from "./outputs-elsewhere.ts"
import {
  belongsTo,
  defaultStateFolder,
  hasState,
  remembered,
  rememberedBucket,
  STATE_FOLDER_NAME,
} from "./state-folder.ts"

/** What a command line says of the deployment that it is about. */
export type TargetQuery = {
  readonly env: Environment
  readonly cwd: string
  /** Settings given as flags, raw. */
  readonly flags: Flags
  /** `dir` names the folder of frames. */
  readonly options?: { readonly dir?: string | boolean | undefined }
}

/** The stream deployment that the settings describe. */
export type Platform = { readonly config: Config; readonly settings: Settings }

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

/** Where log and tables of a command are: with a folder of frames, or on servers. */
export type DeploymentTarget =
  | { readonly kind: "folder"; readonly installation: Installation }
  | { readonly kind: "platform"; readonly platform: Platform }

/** Servers where KAFKA_BROKER is set; but a folder or a state that the command line names means just that. */
export function findTarget(query: TargetQuery, given: string | null): Result<DeploymentTarget> {
  const platform = findPlatform(query)
  if (!platform.ok) return platform
  const { config, settings } = platform.value
  const isNamed = (given ?? namedFolder(query)) !== null || settings.origins.stateDir.kind === "flag"
  if (config.kafkaBroker !== null && !isNamed) return done({ kind: "platform", platform: platform.value })
  const installation = findInstallation(query, given)
  return installation.ok ? done({ kind: "folder", installation: installation.value }) : installation
}

/** The stream deployment, whether or not the settings name its servers. Fails: config/invalid. */
export function findPlatform(query: TargetQuery): Result<Platform> {
  const settings = settingsFor(query, resolve(query.cwd))
  return settings.ok ? done({ config: settings.value.config, settings: settings.value }) : settings
}

const namedFolder = ({ options }: TargetQuery): string | null => (typeof options?.dir === "string" ? options.dir : null)

/**
 * The folder of frames: the one given, else the one that the named state belongs to, else the nearest folder from here
 * upwards that has a state, else this one. Fails: config/invalid, source/gone when the folder does not exist.
 */
export function findInstallation(query: TargetQuery, given: string | null): Result<Installation> {
  const named = given ?? namedFolder(query)
  const first = settingsFor(query, resolve(query.cwd, named ?? "."))
  if (!first.ok) return first
  const origin = first.value.origins.stateDir.kind
  const folder =
    named ??
    (origin === "default" ? nearestWithState(query.cwd, query.env) : belongsTo(first.value.config.stateDir)) ??
    "."
  const settings = settingsFor(query, resolve(query.cwd, folder))
  return settings.ok ? installationOf(resolve(query.cwd, folder), settings.value) : settings
}

/**
 * The folder of frames around a folder, which may be that itself: the nearest upwards that has a state, or the one that the named
 * state belongs to, where it lies around; else this one. Fails as {@link findInstallation}.
 */
export function findInstallationAround(query: TargetQuery, folder: string): Result<Installation> {
  const first = settingsFor(query, folder)
  if (!first.ok) return first
  const origin = first.value.origins.stateDir.kind
  const known = origin === "default" ? nearestWithState(folder, query.env) : belongsTo(first.value.config.stateDir)
  const around = known === null ? null : realpathOf(known)
  const isAround = around !== null && `${folder}${sep}`.startsWith(around.endsWith(sep) ? around : `${around}${sep}`)
  return findInstallation(query, isAround ? around : folder)
}

const settingsFor = ({ flags, env, cwd }: TargetQuery, folder: string): Result<Settings> =>
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
function nearestWithState(folder: string, env: Environment): string | null {
  if (hasState(folder, env)) return folder
  const above = dirname(folder)
  return above === folder ? null : nearestWithState(above, env)
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
