import type { Failure } from "../events/failure.ts"

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
