import { readFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { type Child, type Command, startChild } from "./child.ts"
import type { ServerName } from "./versions.ts"

/** A running server, as tests handle it. */
export type Service<Address> = {
  readonly name: ServerName
  /** How to reach it and with which credentials; plain data that survives restarts. */
  readonly address: Address
  readonly logPath: string
  /** Of the process that runs now or ran last. */
  readonly pid: () => number
  readonly isRunning: () => boolean
  /** SIGTERM, then SIGKILL; nothing to do if it has ended. */
  readonly stop: () => Promise<void>
  /** SIGKILL and SIGTERM wait for the end; SIGSTOP and SIGCONT hang and revive it. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
  /** The same ports and the same data, after `stop` or `kill` or from running; waits until it is usable. */
  readonly restart: () => Promise<void>
}

export type ServerPlan<Address> = {
  readonly name: ServerName
  readonly address: Address
  readonly logPath: string
  readonly command: Command
  /** Asks for something that only this very server can answer; rejects until it does. */
  readonly probe: () => Promise<void>
}

const READY_WITHIN_MS = 180_000
const PROBE_EVERY_MS = 50
const TAIL_LINES = 40

/** The last lines of a log, for an error message. */
export const tailOf = async (path: string): Promise<string> =>
  (await readFile(path, "utf8")).trimEnd().split("\n").slice(-TAIL_LINES).join("\n")

const probeOnce = async (probe: () => Promise<void>): Promise<string | undefined> => {
  try {
    await probe()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const complain = async (what: string, logPath: string): Promise<never> => {
  throw new Error(`${what}. The end of its log, ${logPath}:\n${await tailOf(logPath)}`)
}

const untilReady = async <A>({ name, logPath, probe }: ServerPlan<A>, child: Child): Promise<void> => {
  const deadline = performance.now() + READY_WITHIN_MS
  for (;;) {
    const missing = await Promise.race([probeOnce(probe), child.exited])
    if (child.hasExited()) return complain(`${name} ended while it started (${await child.exited})`, logPath)
    if (missing === undefined) return
    if (performance.now() > deadline) {
      await child.stop()
      return complain(`${name} was not ready after ${READY_WITHIN_MS / 1000} s (${missing})`, logPath)
    }
    await sleep(PROBE_EVERY_MS)
  }
}

const launch = async <A>(plan: ServerPlan<A>): Promise<Child> => {
  const child = startChild(plan.command, plan.logPath)
  await untilReady(plan, child)
  return child
}

/** Starts a server and waits until it is usable; fails with the tail of its log as soon as it ends instead. */
export const runServer = async <A>(plan: ServerPlan<A>): Promise<Service<A>> => {
  let child = await launch(plan)
  const stop = async (): Promise<void> => {
    if (!child.hasExited()) await child.stop()
  }
  return {
    name: plan.name,
    address: plan.address,
    logPath: plan.logPath,
    pid: () => child.pid,
    isRunning: () => !child.hasExited(),
    stop,
    kill: async (signal) => {
      if (!child.hasExited()) await child.kill(signal)
    },
    restart: async () => {
      await stop()
      child = await launch(plan)
    },
  }
}
