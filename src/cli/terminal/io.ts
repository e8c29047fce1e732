import type { Failure } from "../../events/result.ts"
import { visible } from "../../system/visible.ts"

/** What each exit code means; docs/cli.md is generated from it and every row has a test. */
export const EXIT_CODES = {
  0: "done",
  1: "finished, but some elements failed (they are listed), or a check found something",
  2: "bad usage or configuration",
  3: "a needed service, tool or state is missing or taken, or the output could not be written",
  70: "a bug of ours; the stack is on standard error",
  130: "interrupted before the end (after SIGTERM, once drained: 0)",
} as const

export type ExitCode = keyof typeof EXIT_CODES

/** Exit code of a command that cannot go on because of a failure. */
export function exitCodeOf({ code, kind }: Failure): ExitCode {
  if (code === "config/invalid") return 2
  return kind === "outage" || code.startsWith("state/") ? 3 : 1
}

/** A stream that takes text; a terminal says so and how wide it is. */
export type Writer = NodeJS.WritableStream & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly writableLength?: number
}

/** The outside of a command: results go to stdout, everything else to stderr. */
export type Io = {
  readonly stdout: Writer
  readonly stderr: Writer
  /** Aborts when a command that writes rows should stop: nobody reads stdout any more (`outputs | head`), or a stop request. */
  readonly closed: AbortSignal
}

/** How a command that writes rows ends: with all of them, or where it was told to stop. */
export const endOfRows = ({ closed }: Pick<Io, "closed">): 0 | "stopped" => (closed.aborted ? "stopped" : 0)

/** Prints a failure with its code on stderr and gives the exit code that it asks for. */
export function giveUp(io: Pick<Io, "stderr">, failure: Failure): ExitCode {
  // Settings problems come one a line. In any other failure a line break is part of a name.
  const says = failure.code === "config/invalid" ? failure.says.split("\n") : [failure.says]
  const lines = says.map((line) => `error: ${visible(line)}\n`)
  io.stderr.write(`${lines.join("")}${codeLine(failure)}`)
  return exitCodeOf(failure)
}

/** A failure's code, and the command that prints the page about it: a path would lead nowhere outside a checkout. */
export const codeLine = ({ code }: { readonly code: string }): string =>
  `code: ${code} (oiio-proxy-generator docs failures)\n`

/** Exit code of a process that cannot begin or go on: 2 for wrong settings, 3 for anything that a server refuses. */
export const serverExitCode = (failure: Failure): ExitCode => (exitCodeOf(failure) === 2 ? 2 : 3)

/** Prints why a command cannot begin and gives {@link serverExitCode}. */
export function cannotStart(io: Pick<Io, "stderr">, failure: Failure): ExitCode {
  giveUp(io, failure)
  return serverExitCode(failure)
}

/** Prints what is wrong with the way a command was called; exit code 2. */
export function badUsage(io: Pick<Io, "stderr">, says: string): ExitCode {
  io.stderr.write(`error: ${visible(says)}\n`)
  return 2
}

const DEFAULT_COLUMNS = 80
const LEAST_COLUMNS = 40

/** How wide what is drawn on a stream may be. */
export const columnsOf = ({ columns = DEFAULT_COLUMNS }: Writer): number => Math.max(columns, LEAST_COLUMNS)

/** Whether the locale has more than ASCII. */
export const isUnicode = ({ LC_ALL, LC_CTYPE, LANG }: Readonly<Record<string, string | undefined>>): boolean =>
  /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "")
