// What all commands are, for documents and shells that are made of it: docs/cli.md, the manual page, completion.

import { flagOf, GROUPS, SETTING_NAMES, type SettingName, settingOf } from "../../config/table.ts"
import type { Command, ListedCommand, Parameter } from "../command.ts"
import { EXIT_CODES } from "../terminal/io.ts"

/** A command with all that its help says. */
export type DocumentedCommand = Command & Pick<ListedCommand, "name" | "summary">

/** Loads every command. */
export const documented = (commands: readonly ListedCommand[]): Promise<readonly DocumentedCommand[]> =>
  Promise.all(commands.map(async ({ name, summary, load }) => ({ name, summary, ...(await load()) })))

/** Settings that a command takes as flags, in the order of their documentation. */
export const settingsTaken = ({ settings = [] }: Command): readonly SettingName[] =>
  SETTING_NAMES.filter((name) => flagOf(name) !== null && settings.includes(settingOf(name).group))

/** A summary as a sentence. */
export const sentenceOf = (summary: string): string => `${summary[0]?.toUpperCase()}${summary.slice(1)}.`

/** A text in which troff sees nothing but letters. */
const plain = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("'", "\\(aq")

/** A line of text, which troff would take for a request if it began with a dot. */
const line = (text: string): string => `${/^\./.test(text) ? "\\&" : ""}${plain(text)}`

const quoted = (text: string): string => `"${plain(text).replaceAll('"', "\\(dq")}"`

const bold = (text: string): string => `\\fB${plain(text)}\\fR`

const tagged = (tag: string, says: string): readonly string[] => [".TP", tag, line(says)]

const usageOf = (program: string, { name, parameters = [] }: DocumentedCommand): string =>
  [bold(`${program} ${name}`), ...parameters.map(({ syntax }) => plain(syntax)), "[\\fIoptions\\fR]"].join(" ")

const parameterLines = (parameters: readonly Parameter[]): readonly string[] =>
  parameters.flatMap(({ syntax, says }) => tagged(bold(syntax), says))

function commandLines(program: string, command: DocumentedCommand): readonly string[] {
  const { name, summary, details, parameters = [], options = [], settings = [], examples } = command
  const groups = settings.map((group) => GROUPS[group].toLowerCase()).join(", ")
  return [
    `.SS ${quoted(name)}`,
    usageOf(program, command),
    ".PP",
    line(sentenceOf(summary)),
    ...(details === undefined ? [] : [line(details)]),
    ...parameterLines([...parameters, ...options]),
    ...(groups === "" ? [] : [".PP", line(`Settings taken as flags: ${groups}.`)]),
    ...examples.flatMap(([example, does]) => tagged(bold(`${program} ${example}`), does)),
  ]
}

function settingLines(group: keyof typeof GROUPS): readonly string[] {
  const names = SETTING_NAMES.filter((name) => settingOf(name).group === group && flagOf(name) !== null)
  if (names.length === 0) return []
  const lines = names.flatMap((name) => {
    const { says, placeholder, allowed, env } = settingOf(name)
    const flag = flagOf(name) ?? ""
    const also = env === null ? "" : ` Environment: ${env}.`
    const syntax = placeholder === null ? `${flag}, ${flag.replace("--", "--no-")}` : `${flag} <${placeholder}>`
    return tagged(bold(syntax), `${says}${placeholder === null ? "" : ` Must be ${allowed}.`}${also}`)
  })
  return [`.SS ${quoted(GROUPS[group])}`, ...lines]
}

export type ManualOptions = { readonly program: string; readonly about: string }

/** The manual page of the program, section 1, in the macros that man(7) and mandoc read. */
export function manualPage(commands: readonly DocumentedCommand[], { program, about }: ManualOptions): string {
  const codes = Object.entries(EXIT_CODES).flatMap(([code, means]) => tagged(bold(code), means))
  return [
    '.\\" Generated from src/cli/ by its test (vitest run src/cli/cli-doc.test.ts -u). Do not edit.',
    `.TH ${quoted(program.toUpperCase())} 1 "" ${quoted(program)} "User Commands"`,
    ".SH NAME",
    `${plain(program)} \\- thumbnails and proxies of EXR, DPX and TIFF frames`,
    ".SH SYNOPSIS",
    `${bold(program)} \\fIcommand\\fR [\\fIarguments\\fR] [\\fIoptions\\fR]`,
    ".SH DESCRIPTION",
    line(about),
    ".PP",
    line(
      "Results go to standard output and nothing else does; --json gives one object a line. Logs, progress and errors go to standard error. The first Ctrl-C takes nothing new and finishes what is begun, the second aborts; neither loses anything.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap((command) => commandLines(program, command)),
    ".SH SETTINGS",
    line("Each can be a flag of the commands that name its group, a variable of the environment, or stand in a file."),
    line("A flag goes before the environment, and that before the file."),
    ...(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap(settingLines),
    ".SH EXIT STATUS",
    ...codes,
    "",
  ].join("\n")
}
