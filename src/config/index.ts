// The settings: one table of declarations, loaded once with the precedence flag > environment > file > default.
import { accessSync, constants, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { availableParallelism } from "node:os"
import { dirname, join, resolve } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { didYouMean } from "./nearest.ts"
import { type Surroundings, withoutPassword } from "./setting.ts"
import type * as SettingsText from "./settings-text.ts"
import type { FileValues } from "./settings-text.ts"
import { type Config, flagOf, SETTING_NAMES, type SettingName, settingOf } from "./table.ts"

export type { ColourRule } from "./colour-rules.ts"
export type { Config, SettingName } from "./table.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** Settings given as flags: raw text, or a boolean for a switch. */
export type Flags = Readonly<Partial<Record<SettingName, string | boolean>>>

export type Sources = {
  readonly flags: Flags
  /** process.env, handed in by bin: nothing else reads it. */
  readonly env: Environment
  /** Folder that relative paths of flags and environment start from. */
  readonly cwd: string
  /** State folder where neither --state nor OIIO_STATE names one. */
  readonly defaultStateDir: string
  /** Cores of the machine; asked of the system when left out. */
  readonly cores?: number
}

/** Where a value came from. */
export type Origin = {
  readonly kind: "flag" | "environment" | "file" | "default"
  /** The flag, the variable or the file, by name. */
  readonly name: string
}

/** The validated settings and where each came from. */
export type Settings = {
  readonly config: Config
  readonly origins: Readonly<Record<SettingName, Origin>>
  /** The settings file that was read, null when there was none. */
  readonly file: string | null
}

/** What a source says of one setting; relative paths in it start from `base`. */
type GivenValue = { readonly raw: unknown; readonly origin: Origin; readonly base: string }

type ChosenValue = { readonly value: unknown; readonly origin: Origin } | { readonly problem: string }

type ReadFile = { readonly path: string; readonly values: FileValues } | null

/** What the sources say of one setting, strongest first; null when none says anything. An empty variable says nothing. */
function givenFor(name: SettingName, sources: Sources, file: ReadFile): GivenValue | null {
  const { env, inFile } = settingOf(name)
  const flag = sources.flags[name]
  if (flag !== undefined) return { raw: flag, origin: { kind: "flag", name: flagOf(name) ?? name }, base: sources.cwd }
  const variable = env === null ? undefined : sources.env[env]
  if (env !== null && variable !== undefined && variable !== "") {
    return { raw: variable, origin: { kind: "environment", name: env }, base: sources.cwd }
  }
  const value = inFile ? file?.values[name] : undefined
  if (file === null || value === undefined || value === null) return null
  return { raw: value, origin: { kind: "file", name: file.path }, base: dirname(file.path) }
}

const ORIGIN_SAYS: Record<Origin["kind"], (name: string) => string> = {
  flag: (name) => `the flag ${name}`,
  environment: (name) => `the environment variable ${name}`,
  file: (name) => `the file ${name}`,
  default: () => "its default",
}

/** Where a value came from, in words. */
export const originSays = (origin: Origin): string => ORIGIN_SAYS[origin.kind](origin.name)

function refusal(name: SettingName, { raw, origin }: GivenValue): string {
  const { allowed, secret, problem } = settingOf(name)
  const detail = problem?.(raw) ?? null
  if (detail !== null) return `${name}, as ${originSays(origin)} has it, is wrong: ${detail}`
  const value = secret ? "a value that is not" : JSON.stringify(typeof raw === "string" ? withoutPassword(raw) : raw)
  return `${name} must be ${allowed}; ${originSays(origin)} says ${value}.`
}

function choose(name: SettingName, given: GivenValue | null, around: Surroundings): ChosenValue {
  const setting = settingOf(name)
  const fallback = setting.default
  if (given === null) {
    const value = typeof fallback === "function" ? fallback(around) : fallback
    return { value, origin: { kind: "default", name: "default" } }
  }
  const value = setting.parse(given.raw)
  if (value === undefined) return { problem: refusal(name, given) }
  const isPath = typeof value === "string" && setting.isPath?.(value) === true
  const located = setting.located?.(value, given.base) ?? { value: isPath ? resolve(given.base, value) : value }
  return "problem" in located
    ? { problem: `${name}, as ${originSays(given.origin)} has it, is wrong: ${located.problem}` }
    : { value: located.value, origin: given.origin }
}

function strangers(file: ReadFile): readonly string[] {
  const known = SETTING_NAMES.filter((name) => settingOf(name).inFile)
  return Object.keys(file?.values ?? {})
    .filter((key) => !known.some((name) => name === key))
    .map((key) => {
      const outside = SETTING_NAMES.find((name) => name === key)
      if (outside === undefined)
        return `The file ${file?.path} has an unknown setting "${key}".${didYouMean(key, known)}`
      return `The file ${file?.path} cannot say ${key}: use ${flagOf(outside)} or ${settingOf(outside).env}.`
    })
}

/** The file that holds settings: named by flag or variable, else the one in the state folder if it is there. */
function readFile(sources: Sources, around: Surroundings): Result<ReadFile> {
  const textOf = (name: SettingName): ChosenValue => choose(name, givenFor(name, sources, null), around)
  const named = textOf("configFile")
  const state = textOf("stateDir")
  if ("problem" in named || "problem" in state) return done(null)
  const path = typeof named.value === "string" ? named.value : join(String(state.value), CONFIG_FILE_NAME)
  const read = readConfigFile(path, named.value === null)
  if (!read.ok) return read
  return done(read.value === null ? null : { path, values: read.value })
}

/**
 * The settings: flag over environment over file over default, validated and frozen. Everything wrong is said at once,
 * a line each: which setting, where it was said, what is allowed. Fails: config/invalid.
 */
export function loadConfig(sources: Sources): Result<Settings> {
  const around = {
    cores: sources.cores ?? availableParallelism(),
    stateDir: resolve(sources.cwd, sources.defaultStateDir),
  }
  const file = readFile(sources, around)
  if (!file.ok) return file
  const chosen = SETTING_NAMES.map((name) => [name, choose(name, givenFor(name, sources, file.value), around)] as const)
  const problems = chosen.flatMap(([, one]) => ("problem" in one ? [one.problem] : []))
  const all = [...strangers(file.value), ...problems]
  if (all.length > 0) return failed(failure("config/invalid", all.join("\n")))
  const good = chosen.flatMap(([name, one]) => ("problem" in one ? [] : [[name, one] as const]))
  return done(
    Object.freeze({
      config: Object.freeze(Object.fromEntries(good.map(([name, one]) => [name, one.value]))) as Config,
      origins: Object.freeze(Object.fromEntries(good.map(([name, one]) => [name, one.origin]))) as Settings["origins"],
      file: file.value?.path ?? null,
    }),
  )
}

/** Name of the settings file in the state folder. */
export const CONFIG_FILE_NAME = "oiio-proxy-generator.yaml"

const UNREADABLE: Record<string, string> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  EISDIR: "is a folder, not a file",
}

const invalid = (path: string, says: string): Failure => failure("config/invalid", `The settings file ${path} ${says}.`)

function classify(error: unknown, path: string): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  const closed = code === "EACCES" ? closedFolder(dirname(path)) : null
  if (closed !== null)
    return failure("config/invalid", `The folder ${closed} may not be entered by this user: give this user that right.`)
  const says = UNREADABLE[code ?? ""]
  if (says !== undefined) return invalid(path, says)
  if (error instanceof ReferenceError) return invalid(path, `is not valid YAML: ${message}`)
  throw error
}

/** The uppermost folder on the way to this one that the user may not enter; null when all may be entered. */
function closedFolder(folder: string): string | null {
  const above = dirname(folder) === folder ? null : closedFolder(dirname(folder))
  return above ?? (mayEnter(folder) ? null : folder)
}

function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error) return error.code !== "EACCES"
    throw error
  }
}

/**
 * Loaded where there is a file: most installations have none, and it takes longer to load than all other settings. What lies
 * beside this file lies beside it where it was built, too.
 */
const load = createRequire(import.meta.url)

function parsed(text: string, path: string): Result<FileValues> {
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."))
  const { valuesOf }: typeof SettingsText = load(`./settings-text${ending}`)
  const values = valuesOf(text)
  return values.ok ? values : failed(invalid(path, values.says))
}

/**
 * Reads a settings file. An absent file is no failure where `optional`: it then says nothing.
 * Fails: config/invalid (absent, unreadable, not YAML, not a mapping).
 */
export function readConfigFile(path: string, optional: boolean): Result<FileValues | null> {
  try {
    return parsed(readFileSync(path, "utf8"), path)
  } catch (error) {
    const problem = classify(error, path)
    const absent = ["ENOENT", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))
    return absent && optional ? done(null) : failed(problem)
  }
}
