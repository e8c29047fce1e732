import { systemClock } from "../system/clock.ts"
import { listenForInterrupts, type StopCause } from "../system/interrupts.ts"
import { COMMANDS } from "./commands.ts"
import { bugReport, main } from "./main.ts"
import type { ExitCode } from "./terminal/io.ts"
import { flushed, interject, openStdout, outputEndOf } from "./terminal/streams.ts"

const { stderr } = process
const stdout = openStdout()
const interrupts = listenForInterrupts((line) => interject(stderr, line))
const closed = new AbortController()
const bug = Promise.withResolvers<ExitCode>()
let refused: string | null = null

function stop(cause: StopCause): void {
  interrupts.receive(cause)
  closed.abort()
}

process.on("SIGINT", () => stop("SIGINT"))
process.on("SIGTERM", () => stop("SIGTERM"))
// The terminal was closed: end as orderly as for SIGTERM.
process.on("SIGHUP", () => stop("SIGTERM"))
stdout.on("error", (error: NodeJS.ErrnoException) => {
  const end = outputEndOf(error)
  if (end.kind === "refused") refused ??= end.says
  stop("closed")
})
// The reader of the messages is gone, or its disk is full: nobody can be told, and the work itself is not harmed.
stderr.on("error", (error) => {
  if (outputEndOf(error).kind === "unread") interrupts.receive("closed")
})
process.on("uncaughtException", (error) => {
  stderr.write(bugReport(error))
  bug.resolve(70)
})

/** Resolves at the second request to stop: then the process no longer waits for a slow reader of its output. */
const abandoned = new Promise<void>((resolve) => {
  interrupts.abort.addEventListener("abort", () => resolve())
})

/** Ends the process once readers have taken all that was written, however slow they are. */
async function exit(code: ExitCode): Promise<never> {
  const isWhole = await Promise.race([flushed(stdout).then(() => true), abandoned.then(() => false)])
  if (refused !== null) stderr.write(`error: ${refused}\n`)
  await Promise.race([flushed(stderr), abandoned])
  process.exit(codeAfter(code, isWhole))
}

function codeAfter(code: ExitCode, isWhole: boolean): ExitCode {
  if (code !== 0) return code
  if (refused !== null) return 3
  return isWhole ? 0 : 130
}

const forced = interrupts.forced.then((): ExitCode => 130)
const ended = main({
  argv: process.argv.slice(2),
  commands: COMMANDS,
  env: process.env,
  cwd: process.cwd(),
  io: { stdout, stderr, closed: closed.signal },
  interrupts,
  clock: systemClock,
})

await exit(await Promise.race([ended, forced, bug.promise]))
