import { systemClock } from "../events/clock.ts"
import { COMMANDS } from "./commands.ts"
import type { ExitCode } from "./exit-codes.ts"
import { listenForInterrupts } from "./interrupts.ts"
import { main } from "./main.ts"

const { stdout, stderr } = process
const interrupts = listenForInterrupts((text) => void stderr.write(text))
process.on("SIGINT", () => interrupts.receive("SIGINT"))
process.on("SIGTERM", () => interrupts.receive("SIGTERM"))
// The terminal was closed: end as orderly as for SIGTERM.
process.on("SIGHUP", () => interrupts.receive("SIGTERM"))

const unread = new AbortController()
const bug = Promise.withResolvers<ExitCode>()

function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error
  unread.abort()
  interrupts.receive("closed")
}

stdout.on("error", outputFailed)
stderr.on("error", outputFailed)
process.on("uncaughtException", (error) => {
  stderr.write(`bug: ${error.stack ?? String(error)}\n`)
  bug.resolve(70)
})

const forced = interrupts.forced.then((): ExitCode => 130)
const ended = main({
  argv: process.argv.slice(2),
  commands: COMMANDS,
  env: process.env,
  cwd: process.cwd(),
  io: { stdout, stderr, closed: unread.signal },
  interrupts,
  clock: systemClock,
})

process.exit(await Promise.race([ended, forced, bug.promise]))
