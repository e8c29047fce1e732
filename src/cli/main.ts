import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { CommanderError } from "commander"
import type { Interrupts } from "../system/interrupts.ts"
import { stackOf } from "../system/unattended.ts"
import { visibleLines } from "../system/visible.ts"
import type { Ending, ListedCommand, Surroundings } from "./command.ts"
import { buildProgram, type ChosenCommand, calledIn } from "./program.ts"
import { badUsage, type ExitCode } from "./terminal/io.ts"

export type MainInput = Surroundings & {
  /** Command line without the program's name. */
  readonly argv: readonly string[]
  readonly commands: readonly ListedCommand[]
}

/** Exit code of a command that a stop request ended: SIGTERM, drained, is a clean end, and so is a reader that left. */
function stoppedCode({ cause, abort }: Interrupts): ExitCode {
  return cause() === "SIGINT" || abort.aborted ? 130 : 0
}

const codeOf = (ending: Ending, interrupts: Interrupts): ExitCode =>
  ending === "stopped" ? stoppedCode(interrupts) : ending

/** A rejection is a bug of ours: the stack goes to stderr. Usage errors come as commander's own kind, already printed. */
function rejected(error: unknown, { io }: MainInput): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  io.stderr.write(bugReport(error))
  return 70
}

/** The report of a bug that is printed on stderr, wherever the bug ended the command. */
export const bugReport = (bug: unknown): string =>
  `bug: ${visibleLines(stackOf(bug))}\nPlease report this with the command line and the version.\n`

/** What stands in a command's place and is a folder or file here; null where it is neither, or begins a command's name. */
function pathForCommand({ argv: [word = "-"], commands, cwd }: MainInput): string | null {
  const isCommand =
    word.startsWith("-") || [...commands, { name: "help" }].some(({ name }) => name.split(" ")[0] === word)
  return isCommand || !existsSync(resolve(cwd, word)) ? null : word
}

async function runChosen(input: MainInput): Promise<ExitCode> {
  let chosen: ChosenCommand | null = null
  const take = (what: ChosenCommand): void => {
    chosen = what
  }
  const {
    argv,
    commands,
    io: { stdout, stderr },
  } = input
  const listed = calledIn(argv, commands)
  const path = listed === null ? pathForCommand(input) : null
  if (path !== null) return badUsage(input.io, `there is no command ${path}; it lies here: \`run ${path}\` renders it.`)
  const called = listed === null ? null : { ...listed, command: await listed.load() }
  await buildProgram({ commands, called, io: { stdout, stderr }, chosen: take }).parseAsync([...input.argv], {
    from: "user",
  })
  const { command, call } = (chosen as ChosenCommand | null) ?? { command: null, call: null }
  if (command === null) throw new Error("no command was chosen, and commander said nothing")
  const { env, cwd, io, interrupts, clock } = input
  return codeOf(await command.run({ ...call, env, cwd, io, interrupts, clock, commands }), interrupts)
}

/** Runs one command line to its exit code. Never rejects and never ends the process. */
export const main = (input: MainInput): Promise<ExitCode> =>
  runChosen(input).catch((error: unknown) => rejected(error, input))
