import { type ChildProcess, spawn } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { SMALL_PROXIES } from "./frames.ts"

/** The command as a user calls it. */
export const PROGRAM = fileURLToPath(new URL("../../bin/oiio-proxy-generator", import.meta.url))

export type Ended = {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One call of the command as a process of its own. */
export type Started = {
  readonly pid: number
  readonly send: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
  /** Resolves once stdout or stderr has said this; rejects when the process ends without a word of it. */
  readonly says: (text: string | RegExp) => Promise<void>
}

export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly program?: string
  /** Another user: setpriv(1) gives up root's rights. */
  readonly uid?: number
}

/** No setting of the developer's shell reaches it, only the Node that runs the tests. */
const environment = (env: StartOptions["env"]): NodeJS.ProcessEnv => ({
  PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: "/nonexistent",
  ...SMALL_PROXIES,
  ...env,
})

const asUser = (uid: number | undefined): readonly string[] =>
  uid === undefined ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--no-new-privs", "--"]

/** What a test that failed has left running ends with the tests. */
const live = new Set<ChildProcess>()
process.on("exit", () => {
  for (const child of live) child.kill("SIGKILL")
})

/** The command execs Node, so the process is the worker itself: a signal meets it and nothing before it. */
export function start(argv: readonly string[], options: StartOptions = {}): Started {
  const [file = PROGRAM, ...args] = [...asUser(options.uid), options.program ?? PROGRAM, ...argv]
  const child = spawn(file, args, {
    cwd: options.cwd ?? "/",
    env: environment(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  })
  live.add(child)
  child.on("close", () => live.delete(child))
  const heard = listen(child)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout: heard.stdout(), stderr: heard.stderr() }))
  })
  return { pid: child.pid ?? 0, send: (signal) => void child.kill(signal), ended, says: heard.says }
}

export const run = (argv: readonly string[], options: StartOptions = {}): Promise<Ended> => start(argv, options).ended

function listen(child: ChildProcess) {
  const text = { stdout: "", stderr: "" }
  const listeners = new Set<() => void>()
  const hear = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
    text[stream] += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout?.on("data", hear("stdout"))
  child.stderr?.on("data", hear("stderr"))
  const says = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const all = text.stdout + text.stderr
        if (typeof wanted === "string" ? !all.includes(wanted) : !wanted.test(all)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      child.on("close", () => reject(new Error(`it ended without saying ${String(wanted)}: ${text.stderr}`)))
      look()
    })
  return { stdout: () => text.stdout, stderr: () => text.stderr, says }
}
