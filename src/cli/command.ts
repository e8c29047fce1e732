import type { Environment, Flags } from "../config/index.ts"
import type { Group } from "../config/setting.ts"
import type { Clock } from "../system/clock.ts"
import type { Interrupts } from "../system/interrupts.ts"
import type { ExitCode, Io } from "./terminal/io.ts"

/** Everything a command may know of the outside; nothing else reads process. */
export type Surroundings = {
  readonly env: Environment
  readonly cwd: string
  readonly io: Io
  readonly interrupts: Interrupts
  readonly clock: Clock
}

/** One call of a command. */
export type Call = Surroundings & {
  /** Positional arguments as given. */
  readonly args: readonly string[]
  /** The command's own options by camel-case name: text, true for a switch, texts for one that can be repeated. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  /** Settings given as flags, raw; loadConfig takes them. */
  readonly flags: Flags
  /** All commands that there are. */
  readonly commands: readonly ListedCommand[]
}

/** How a command ended. `stopped`: a stop request came before the work was finished, and was obeyed. */
export type Ending = ExitCode | "stopped"

export type Parameter = {
  /** As the help shows it: `<dir>`, `[topic]`, `--json`, `--from <offset>`. */
  readonly syntax: string
  readonly says: string
  /** Whether it may be given several times. */
  readonly repeats?: boolean
  /** The words that it may be, where there are few. */
  readonly choices?: readonly string[]
}

/** One command, as its file exports it. */
export type Command = {
  /** What else a user should know, whole sentences. */
  readonly details?: string
  readonly parameters?: readonly Parameter[]
  readonly options?: readonly Parameter[]
  /** Groups of settings that this command takes as flags. */
  readonly settings?: readonly Group[]
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** The world's failures become exit codes here; a rejection is a bug and ends the process with 70. */
  readonly run: (call: Call) => Promise<Ending>
}

/** An entry in the list of all commands. The command's modules are loaded only when it is called, because loading costs time. */
export type ListedCommand = {
  /** One word, or two where a group has several: `schemas check`. */
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** The text of an option, null when it was not given. */
export function textOption({ options }: Pick<Call, "options">, name: string): string | null {
  const value = options[name]
  return typeof value === "string" ? value : null
}
