import type { Group, Setting } from "./setting.ts"
import { OUTPUTS, SOURCES, STATE, WATCH } from "./table-folder.ts"
import { HTTP_INTAKE, INTAKE } from "./table-intake.ts"
import { COLOUR, PICTURES, SHOWN } from "./table-pictures.ts"
import { KAFKA, STORES } from "./table-platform.ts"
import { SEQUENCES } from "./table-sequences.ts"
import { SERVE } from "./table-serve.ts"
import { OUTPUT, SERVICE, TOOLS, WORK } from "./table-work.ts"

/** Every setting there is. A setting that is not declared here does not exist: no other file reads the environment. */
export const SETTINGS = Object.freeze({
  ...STATE,
  ...OUTPUTS,
  ...SOURCES,
  ...PICTURES,
  ...SHOWN,
  ...SEQUENCES,
  ...COLOUR,
  ...TOOLS,
  ...WORK,
  ...WATCH,
  ...OUTPUT,
  ...INTAKE,
  ...HTTP_INTAKE,
  ...SERVICE,
  ...SERVE,
  ...KAFKA,
  ...STORES,
})

export type SettingName = keyof typeof SETTINGS

/** The validated settings: frozen, passed in where they are used, never imported as a value. */
export type Config = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends Setting<infer T> ? T : never
}

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

/** Titles of the groups, in the order of the documentation. */
export const GROUPS: Readonly<Record<Group, string>> = {
  state: "Where things are",
  outputs: "Where outputs go",
  pictures: "Pictures",
  shown: "What is shown",
  sequences: "Sequences and their movies",
  colour: "Colour",
  tools: "Picture tools",
  work: "Work and limits",
  watch: "Watching a folder",
  output: "Logs and notifications",
  intake: "Arrivals",
  service: "Services",
  serve: "API and console",
  platform: "Stream deployment",
}

/** Command-line flag of a setting (--thumbnail-edge-px), null when it has none. */
export function flagOf(name: SettingName): string | null {
  const { flag } = SETTINGS[name]
  if (flag !== undefined) return flag
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The declaration of a setting, whatever type its value has. */
export const settingOf = (name: SettingName): Setting<unknown> => SETTINGS[name] as Setting<unknown>
