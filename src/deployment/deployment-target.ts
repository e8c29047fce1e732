import { resolve } from "node:path"
import { type Call, textOption } from "../cli/command.ts"
import { type Config, loadConfig, type Settings } from "../config/index.ts"
import { done, type Result } from "../events/result.ts"
import { findInstallation, type Installation } from "./installation.ts"
import { defaultStateFolder } from "./state-folder.ts"

/** The stream deployment that the settings describe. */
export type Platform = { readonly config: Config; readonly settings: Settings }

/** Where log and tables of a command are: with a folder of frames, or on servers. */
export type Place =
  | { readonly kind: "folder"; readonly installation: Installation }
  | { readonly kind: "platform"; readonly platform: Platform }

/** The stream deployment, whether or not the settings name its servers. Fails: config/invalid. */
export function findPlatform({ flags, env, cwd }: Call): Result<Platform> {
  const settings = loadConfig({ flags, env, cwd, defaultStateDir: defaultStateFolder(resolve(cwd), env) })
  return settings.ok ? done({ config: settings.value.config, settings: settings.value }) : settings
}

/** Servers where KAFKA_BROKER is set; but a folder or a state that the command line names means just that. */
export function findPlace(call: Call, given: string | null): Result<Place> {
  const platform = findPlatform(call)
  if (!platform.ok) return platform
  const { config, settings } = platform.value
  const isNamed = given !== null || textOption(call, "dir") !== null || settings.origins.stateDir.kind === "flag"
  if (config.kafkaBroker !== null && !isNamed) return done({ kind: "platform", platform: platform.value })
  const installation = findInstallation(call, given)
  return installation.ok ? done({ kind: "folder", installation: installation.value }) : installation
}
