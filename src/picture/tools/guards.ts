import { constants } from "node:fs"
import { access } from "node:fs/promises"

/** Helpers of util-linux that put a child under limits before it becomes the tool; null where the system has none. */
export type Guards = {
  /** Absolute path of `prlimit`: address space, CPU time, no core dump. Without it only the wall clock limits a tool. */
  readonly prlimit: string | null
  /** Absolute path of `setpriv`: the kernel kills the child when its parent dies. Without it an orphan ends by itself. */
  readonly setpriv: string | null
}

export type Limits = {
  /** Wall clock, milliseconds; afterwards the whole process group is killed. */
  readonly timeoutMs: number
  /** Address space of one tool, bytes. */
  readonly memoryLimitBytes: number
}

const SYSTEM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]

/** Looks for the guards in the system's own folders, never in PATH: they wrap every tool. */
export const findGuards = async (): Promise<Guards> => ({
  prlimit: await findIn("prlimit"),
  setpriv: await findIn("setpriv"),
})

async function findIn(name: string): Promise<string | null> {
  for (const folder of SYSTEM_FOLDERS) {
    const path = `${folder}/${name}`
    if (await isExecutable(path)) return path
  }
  return null
}

/** Whether this process may execute the file. */
export const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/**
 * The argument vector that runs `program` under the guards. A shell is never involved.
 * The CPU limit ends a spinning tool even when nobody is left to watch the wall clock; it is above what two busy threads
 * can use in that time, and five seconds lie between the signal that we can name and the kernel's SIGKILL.
 */
export function guarded(guards: Guards, limits: Limits, command: readonly string[]): readonly string[] {
  const cpuSeconds = 2 * Math.ceil(limits.timeoutMs / 1000) + 1
  const underLimits =
    guards.prlimit === null
      ? command
      : [
          guards.prlimit,
          `--as=${limits.memoryLimitBytes}`,
          `--cpu=${cpuSeconds}:${cpuSeconds + 5}`,
          "--core=0",
          ...command,
        ]
  return guards.setpriv === null
    ? underLimits
    : [guards.setpriv, "--pdeathsig", "KILL", "--no-new-privs", ...underLimits]
}
