import { onTestFailed, onTestFinished } from "vitest"
import { type Ended, type StartOptions, start } from "../machine/process.ts"
import { freePort } from "../services/ports.ts"

type Env = NonNullable<StartOptions["env"]>

/** A process of a deployment, as an operator runs it. */
export type Process = {
  readonly pid: number
  readonly send: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
  readonly says: (text: string | RegExp) => Promise<void>
  /** Answer of /healthz, /readyz or /metrics. */
  readonly get: (path: string) => Promise<Response>
  /** SIGTERM; resolves with how it ended, once what it had begun is finished. */
  readonly stops: () => Promise<Ended>
}

const TAIL_LINES = 25

const tailOf = (text: string): string => text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n")

const STUB_WORKER = new URL("./stub-worker.ts", import.meta.url).pathname

/** A worker whose pictures are text: see stub-worker.ts. */
export const startStubWorker = (env: Env): Promise<Process> =>
  startProcess(STUB_WORKER, env, globalThis.process.execPath)

/** Starts the installed command, or another program, and waits until it says that it takes work. */
export async function startProcess(command: string, env: Env, program?: string): Promise<Process> {
  const port = await freePort()
  const options = { env: { ...env, OIIO_HTTP_PORT: String(port) }, ...(program === undefined ? {} : { program }) }
  const process = start(command.split(" "), options)
  onTestFinished(async () => {
    process.send("SIGKILL")
    await process.ended
  })
  onTestFailed(async () => {
    const { stderr } = await process.ended
    globalThis.process.stderr.write(`\n${command}, process ${process.pid}:\n${tailOf(stderr)}\n`)
  })
  await process.says('"ready"')
  return {
    ...process,
    get: (path) => fetch(`http://127.0.0.1:${port}${path}`),
    stops: () => {
      process.send("SIGTERM")
      return process.ended
    },
  }
}
