// Scripts that complete command lines, made of what the commands say of themselves.

import { flagOf, type SettingName, settingOf } from "../../config/table.ts"
import type { Parameter } from "../command.ts"
import { type DocumentedCommand, settingsTaken } from "./manual.ts"

export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

/** A flag; `value` is what stands for its value, null for a switch. */
type Flag = {
  readonly flag: string
  readonly value: string | null
  readonly says: string
  readonly choices: readonly string[]
  readonly repeats: boolean
}

type CommandWords = Pick<DocumentedCommand, "name" | "summary"> & {
  readonly flags: readonly Flag[]
  /** What its first argument may be; empty where it is the name of a file. */
  readonly choices: readonly string[]
}

const HELP: Flag = { flag: "--help", value: null, says: "display help for command", choices: [], repeats: false }

function optionFlag({ syntax, says, repeats = false, choices = [] }: Parameter): Flag {
  const [flag = "", value = null] = syntax.split(" ")
  return { flag, value: value?.replaceAll(/[<>[\]]/g, "") ?? null, says, choices, repeats }
}

function settingFlags(name: SettingName): readonly Flag[] {
  const { placeholder: value, says, allowed } = settingOf(name)
  const flag = flagOf(name) ?? ""
  const choices = allowed.startsWith("one of ") ? allowed.slice("one of ".length).split(", ") : []
  const own = { flag, value, says, choices, repeats: false }
  if (value !== null) return [own]
  return [own, { ...own, flag: flag.replace("--", "--no-"), says: `Turns ${flag} off.` }]
}

const wordsOf = (command: DocumentedCommand): CommandWords => ({
  name: command.name,
  summary: command.summary,
  flags: [...(command.options ?? []).map(optionFlag), ...settingsTaken(command).flatMap(settingFlags), HELP],
  choices: command.parameters?.[0]?.choices ?? [],
})

/** Groups of commands, each with the second words of its own. */
function groupsOf(commands: readonly CommandWords[]): ReadonlyMap<string, readonly CommandWords[]> {
  const groups = new Map<string, CommandWords[]>()
  for (const command of commands) {
    const [group = "", second] = command.name.split(" ")
    if (second !== undefined) groups.set(group, [...(groups.get(group) ?? []), command])
  }
  return groups
}

/** The script that a shell reads to complete this program's command lines. */
export function completionScript(
  shell: Shell,
  documented: readonly DocumentedCommand[],
  { program, groups }: { readonly program: string; readonly groups: Readonly<Record<string, string>> },
): string {
  const commands = documented.map(wordsOf)
  return { bash, zsh, fish }[shell]({ program, commands, groups, inGroups: groupsOf(commands) })
}

type Completed = {
  readonly program: string
  readonly commands: readonly CommandWords[]
  /** What each group is about. */
  readonly groups: Readonly<Record<string, string>>
  readonly inGroups: ReadonlyMap<string, readonly CommandWords[]>
}

const firstWords = ({ commands }: Completed): readonly string[] => [
  ...new Set(commands.map(({ name }) => name.split(" ")[0] ?? name)),
]

const secondWord = ({ name }: CommandWords): string => name.split(" ")[1] ?? name

const functionOf = (program: string): string => `_${program.replaceAll("-", "_")}`

function bash(completed: Completed): string {
  const { program, commands, inGroups } = completed
  const withChoices = new Map(
    commands.flatMap(({ flags }) => flags.filter(({ choices }) => choices.length > 0).map((one) => [one.flag, one])),
  )
  return `# Completion of ${program} for bash: source <(${program} completion bash)
${functionOf(program)}() {
    local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
    local command="\${COMP_WORDS[1]}" words="" flags="" values=""
    COMPREPLY=()
    if (( COMP_CWORD == 1 )); then
        COMPREPLY=( $(compgen -W "${firstWords(completed).join(" ")} help --help --version" -- "$current") )
        return
    fi
    case "$command" in
${[...inGroups]
  .map(
    ([group, members]) => `        ${group})
            if (( COMP_CWORD == 2 )); then
                COMPREPLY=( $(compgen -W "${members.map(secondWord).join(" ")} --help" -- "$current") )
                return
            fi
            command="$command \${COMP_WORDS[2]}" ;;`,
  )
  .join("\n")}
    esac
    case "$command" in
${commands
  .map(
    ({ name, flags, choices }) => `        "${name}")
            flags="${flags.map(({ flag }) => flag).join(" ")}"
            values="${flags.flatMap(({ flag, value }) => (value === null ? [] : [flag])).join(" ")}"
            words="${choices.join(" ")}" ;;`,
  )
  .join("\n")}
    esac
    case "$previous" in
${[...withChoices.values()].map(({ flag, choices }) => `        ${flag}) COMPREPLY=( $(compgen -W "${choices.join(" ")}" -- "$current") ); return ;;`).join("\n")}
    esac
    # The value of another flag is taken for the name of a file.
    if [[ "$previous" == -* && " $values " == *" $previous "* ]]; then return; fi
    if [[ "$current" == -* ]]; then
        COMPREPLY=( $(compgen -W "$flags" -- "$current") )
    elif [[ -n "$words" ]]; then
        COMPREPLY=( $(compgen -W "$words" -- "$current") )
    fi
}
complete -o default -F ${functionOf(program)} ${program}
`
}

/** A text between single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A text in a specification of zsh's \`_arguments\` or \`_describe\`, where colons and brackets mean something. */
const specified = (text: string): string => text.replaceAll(/[\\[\]:]/g, "\\$&")

function zshFlag({ flag, value, says, choices, repeats }: Flag): string {
  const taken = value === null ? "" : `:${specified(value)}:${choices.length > 0 ? `(${choices.join(" ")})` : "_files"}`
  return quoted(`${repeats ? "*" : ""}${flag}[${specified(says)}]${taken}`)
}

function zsh(completed: Completed): string {
  const { program, commands, groups, inGroups } = completed
  const name = functionOf(program)
  const described = (words: readonly (readonly [string, string])[]): string =>
    words.map(([word, says]) => `        ${quoted(`${word}:${specified(says)}`)}`).join("\n")
  const summaryOf = (word: string): string => groups[word] ?? commands.find((one) => one.name === word)?.summary ?? word
  return `#compdef ${program}
# Completion of ${program} for zsh: source <(${program} completion zsh), or as a file _${program} in a folder of $fpath.
${name}() {
    local -a words_here
    local command=$words[2]
    if (( CURRENT == 2 )); then
        words_here=(
${described(firstWords(completed).map((word) => [word, summaryOf(word)]))}
        )
        _describe -t commands command words_here
        return
    fi
    case $command in
${[...inGroups]
  .map(
    ([group, members]) => `    ${group})
        if (( CURRENT == 3 )); then
            words_here=(
${described(members.map((one) => [secondWord(one), one.summary]))}
            )
            _describe -t commands command words_here
            return
        fi
        command="$command $words[3]"
        shift words
        (( CURRENT-- )) ;;`,
  )
  .join("\n")}
    esac
    shift words
    (( CURRENT-- ))
    case $command in
${commands
  .map(
    ({ name: called, flags, choices }) => `    ${quoted(called)})
        _arguments \\
${flags.map((flag) => `            ${zshFlag(flag)} \\`).join("\n")}
            ${quoted(`*:argument:${choices.length > 0 ? `(${choices.join(" ")})` : "_files"}`)} ;;`,
  )
  .join("\n")}
    esac
}
if [[ "$funcstack[1]" == "_${program}" || "$funcstack[1]" == "${name}" ]]; then
    ${name} "$@"
else
    compdef ${name} ${program}
fi
`
}

/** A text between single quotes, as fish reads it. */
const fishQuoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

function fish(completed: Completed): string {
  const { program, commands, groups, inGroups } = completed
  const line = (condition: string, rest: string): string => `complete -c ${program} -n ${fishQuoted(condition)} ${rest}`
  const summaryOf = (word: string): string => groups[word] ?? commands.find((one) => one.name === word)?.summary ?? word
  const first = firstWords(completed).map((word) =>
    line("__fish_use_subcommand", `-f -a ${word} -d ${fishQuoted(summaryOf(word))}`),
  )
  const second = [...inGroups].flatMap(([group, members]) => {
    const none = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${members.map(secondWord).join(" ")}`
    return members.map((one) => line(none, `-f -a ${secondWord(one)} -d ${fishQuoted(one.summary)}`))
  })
  const flags = commands.flatMap(({ name, flags: own, choices }) => {
    const seen = name
      .split(" ")
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join("; and ")
    const values = choices.length === 0 ? [] : [line(seen, `-f -a ${fishQuoted(choices.join(" "))}`)]
    return [...values, ...own.map((flag) => line(seen, fishFlag(flag)))]
  })
  return [
    `# Completion of ${program} for fish: ${program} completion fish | source`,
    ...first,
    ...second,
    ...flags,
    "",
  ].join("\n")
}

function fishFlag({ flag, value, says, choices }: Flag): string {
  const long = `-l ${flag.slice("--".length)} -d ${fishQuoted(says)}`
  if (value === null) return long
  return choices.length > 0 ? `${long} -x -a ${fishQuoted(choices.join(" "))}` : `${long} -r`
}
