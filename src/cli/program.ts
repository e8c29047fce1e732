import { Command as Node, Option } from "commander"
import type { Flags } from "../config/index.ts"
import { flagOf, GROUPS, type SettingName, settingOf } from "../config/table.ts"
import { generatorVersion } from "../deployment/version.ts"
import { visible, visibleLines } from "../system/visible.ts"
import type { Call, Command, ListedCommand, Parameter } from "./command.ts"
import { EXIT_CODES, type Io } from "./terminal/io.ts"
import { sentenceOf, settingsTaken } from "./views/manual.ts"

export const PROGRAM = "oiio-proxy-generator"

/** The command that commander parsed out of the command line, with its arguments, options and settings. */
export type ChosenCommand = { readonly command: Command; readonly call: Pick<Call, "args" | "options" | "flags"> }

export const ABOUT =
  "Thumbnails and proxies for EXR, DPX and TIFF frames, with the event log as the truth: a folder on a laptop, or Kafka, S3 and Trino at a facility."

/** What the commands of a group are about: `schemas check` is one of the group `schemas`. */
export const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  config: "the settings: what each is, and where its value came from",
  failures: "frames that failed: lists them, tries them again, dismisses them",
  looks: "looks of colour: how true the ones that are chosen come out",
  schemas: "the public schemas of the events: checks, publishes and registers them",
  topics: "the topics on Kafka: creates them, and checks what they keep",
}

type SettingFlag = { readonly name: SettingName; readonly option: Option }

/** The flags of one setting: a switch also gets its --no- form. */
function settingFlags(name: SettingName): readonly SettingFlag[] {
  const flag = flagOf(name)
  if (flag === null) return []
  const { says, placeholder, group, allowed } = settingOf(name)
  const made = (syntax: string, text: string): SettingFlag => ({
    name,
    option: new Option(syntax, text).helpGroup(`${GROUPS[group]}:`),
  })
  if (placeholder !== null) return [made(`${flag} <${placeholder}>`, `${says} Must be ${allowed}.`)]
  return [made(flag, says), made(flag.replace("--", "--no-"), `Turns ${flag} off.`)]
}

const settingsOf = (command: Command): readonly SettingFlag[] => settingsTaken(command).flatMap(settingFlags)

function callOf(node: Node, flags: readonly SettingFlag[]): ChosenCommand["call"] {
  const given = node.opts<Record<string, string | boolean | readonly string[] | undefined>>()
  const taken = flags.flatMap(({ name, option }) => {
    const value = given[option.attributeName()]
    return value === undefined ? [] : [[name, value] as const]
  })
  const own = new Set(flags.map(({ option }) => option.attributeName()))
  const options = Object.fromEntries(Object.entries(given).filter(([name]) => !own.has(name)))
  return { args: node.args, options, flags: Object.fromEntries(taken) as Flags }
}

const examplesText = (examples: Command["examples"]): string =>
  examples.length === 0
    ? ""
    : `\nExamples:\n${examples.map(([line, does]) => `  $ ${PROGRAM} ${line}\n      ${does}\n`).join("")}`

/** The command that a command line calls, or asks the help of; null where it names none. */
export function calledIn<Listed extends ListedCommand>(
  argv: readonly string[],
  commands: readonly Listed[],
): Listed | null {
  const words = argv.filter((word) => !word.startsWith("-") && word !== "help")
  const names = [words[0], words.slice(0, 2).join(" ")]
  return commands.find(({ name }) => names.includes(name)) ?? null
}

function optionOf({ syntax, says, repeats = false }: Parameter): Option {
  const option = new Option(syntax, says)
  return repeats ? option.argParser((value: string, before: readonly string[] = []) => [...before, value]) : option
}

/** A command's options and help; called only for the one that the command line names. */
function declare(
  node: Node,
  summary: string,
  { command, chosen }: { readonly command: Command; readonly chosen: (what: ChosenCommand) => void },
): void {
  if (command.details !== undefined) node.description(`${sentenceOf(summary)}\n\n${command.details}`)
  for (const { syntax, says } of command.parameters ?? []) node.argument(syntax, says)
  for (const option of command.options ?? []) node.addOption(optionOf(option))
  const flags = settingsOf(command)
  for (const { option } of flags) node.addOption(option)
  node.addHelpText("after", examplesText(command.examples)).allowExcessArguments(false)
  node.action(() => chosen({ command, call: callOf(node, flags) }))
}

const groupSummary = (name: string): string => GROUP_SUMMARIES[name] ?? `the commands of ${name}`

function groupNode(program: Node, name: string): Node {
  const known = program.commands.find((node) => node.name() === name)
  return (
    known ??
    program
      .command(name)
      .summary(groupSummary(name))
      .description(sentenceOf(groupSummary(name)))
  )
}

const exitCodesText = (): string =>
  `\nExit codes:\n${Object.entries(EXIT_CODES)
    .map(([code, means]) => `  ${code.padEnd(4)} ${means}\n`)
    .join("")}`

/** The second line that commander itself adds where it knows a similar word. */
const SUGGESTION = /\n\(Did you mean [^\n]*\)$/

/** An error message that repeats what the user typed; line breaks in it are spelled out. */
function inOneLine(text: string): string {
  const [suggestion = ""] = SUGGESTION.exec(text.trimEnd()) ?? []
  return `${visible(text.trimEnd().slice(0, -suggestion.length || undefined))}${suggestion}\n`
}

export type ProgramInput = {
  readonly commands: readonly ListedCommand[]
  /** The command that is called, loaded; of the others only name and summary are known. */
  readonly called: (ListedCommand & { readonly command: Command }) | null
  readonly io: Pick<Io, "stdout" | "stderr">
  readonly chosen: (what: ChosenCommand) => void
}

/** The command-line parser over a list of commands. It writes only to `io` and never ends the process. */
export function buildProgram({ commands, called, io, chosen }: ProgramInput): Node {
  const program = new Node(PROGRAM)
  program
    .description(ABOUT)
    .version(generatorVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showHelpAfterError(`(--help shows what there is; exit code 2)`)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(visibleLines(text)),
      outputError: (text, write) => write(inOneLine(text)),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", exitCodesText())
  for (const { name, summary } of commands) {
    const words = name.split(" ")
    const parent = words.length > 1 ? groupNode(program, words[0] ?? "") : program
    const node = parent
      .command(words.at(-1) ?? name)
      .summary(summary)
      .description(sentenceOf(summary))
    if (name === called?.name) declare(node, summary, { command: called.command, chosen })
  }
  return program
}
