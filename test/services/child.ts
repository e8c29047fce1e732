import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

export type Command = {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Added to a nearly empty environment: no setting of the developer's shell reaches a server. */
  readonly env?: Readonly<Record<string, string>>
}

/** One process of ours. Every method touches this process and no other. */
export type Child = {
  readonly pid: number
  /** How it ended, in words. */
  readonly exited: Promise<string>
  readonly hasExited: () => boolean
  /** Sends the signal; for one that ends a process, waits for the end. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
  /** SIGTERM, and SIGKILL for one that is still there after the grace. */
  readonly stop: () => Promise<void>
}

const GRACE_MS = 15_000
const PASSED_ON = ["PATH", "HOME", "LANG", "TMPDIR", "USER"]

let hasSetpriv: boolean | undefined

/** Linux ends the child when this process dies, however it dies; elsewhere only an orderly exit takes it along. */
const boundToParent = ({ file, args }: Command): readonly [string, readonly string[]] => {
  hasSetpriv ??= spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0
  return hasSetpriv ? ["setpriv", ["--pdeathsig", "KILL", "--", file, ...args]] : [file, args]
}

const live = new Set<ChildProcess>()

const killAllNow = (): void => {
  for (const child of live) child.kill("SIGKILL")
}

const track = (child: ChildProcess): void => {
  if (live.size === 0) process.on("exit", killAllNow)
  live.add(child)
}

const forget = (child: ChildProcess): void => {
  live.delete(child)
  if (live.size === 0) process.off("exit", killAllNow)
}

const environment = (command: Command): NodeJS.ProcessEnv => {
  const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(passed), ...command.env }
}

const spawnWithLog = (command: Command, logPath: string): ChildProcess => {
  mkdirSync(dirname(logPath), { recursive: true })
  const log = openSync(logPath, "a", 0o600)
  const [file, args] = boundToParent(command)
  const child = spawn(file, args, { cwd: command.cwd, env: environment(command), stdio: ["ignore", log, log] })
  closeSync(log)
  return child
}

/** Starts a process whose output goes to the end of a log file, and which dies with this one. */
export const startChild = (command: Command, logPath: string, graceMs = GRACE_MS): Child => {
  const child = spawnWithLog(command, logPath)
  track(child)
  let ended = false
  const exited = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      ended = true
      forget(child)
      resolve(how)
    }
    child.once("exit", (code, signal) => end(signal === null ? `exit code ${code}` : signal))
    child.once("error", (error) => end(error.message))
  })
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    if (signal !== "SIGSTOP" && signal !== "SIGCONT") await exited
  }
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM")
    // One that a test has suspended cannot hear SIGTERM before it goes on.
    child.kill("SIGCONT")
    const grace = new AbortController()
    await Promise.race([exited, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)])
    grace.abort()
    if (!ended) await kill("SIGKILL")
  }
  return { pid: child.pid ?? 0, exited, hasExited: () => ended, kill, stop }
}
