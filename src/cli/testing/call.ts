import { systemClock } from "../../system/clock.ts"
import { type InterruptSource, listenForInterrupts } from "../../system/interrupts.ts"
import type { ListedCommand } from "../command.ts"
import { COMMANDS } from "../commands.ts"
import { main } from "../main.ts"
import type { ExitCode } from "../terminal/io.ts"
import { interject } from "../terminal/streams.ts"
import { type Recorded, recorded } from "./console.ts"

export type Ended = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string }

export type CallInput = {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly commands?: readonly ListedCommand[]
  readonly interrupts?: InterruptSource
  /** Aborts when the test stops reading stdout. */
  readonly closed?: AbortSignal
  /** Kept here, for a test that reads along. */
  readonly stderr?: Recorded
  /** A terminal, where it is one; a pipe otherwise. */
  readonly stdout?: Recorded
}

/** Runs a command line inside this process and keeps what it printed. */
export async function call(argv: readonly string[], input: CallInput = {}): Promise<Ended> {
  const [stdout, stderr] = [input.stdout ?? recorded(), input.stderr ?? recorded()]
  const code = await main({
    argv,
    commands: input.commands ?? COMMANDS,
    env: input.env ?? {},
    cwd: input.cwd ?? process.cwd(),
    io: { stdout, stderr, closed: input.closed ?? new AbortController().signal },
    interrupts: input.interrupts ?? listenForInterrupts((line) => interject(stderr, line)),
    clock: systemClock,
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
