import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** Processes that work in a folder below this one: picture tools run in the folder of their job. Linux only. */
export const processesIn = (folder: string): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingFolderOf(pid).startsWith(folder))
    .map(Number)

const workingFolderOf = (pid: string): string => told(() => readlinkSync(`/proc/${pid}/cwd`))

/** What the system says of a process; empty of one that ended meanwhile, or that is somebody else's. */
function told(ask: () => string): string {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Error && "code" in error) return ""
    throw error
  }
}

/** State and parent of a process. The name before them may hold anything. */
const statOf = (pid: string): readonly string[] =>
  told(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
    .replace(/^.*\) /s, "")
    .split(" ")

/** Processes that this one has started, such as those that make its pictures. Linux only. */
export const childrenOf = (pid: number): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && statOf(name)[1] === String(pid))
    .map(Number)

const isThere = (pid: number): boolean => !["", "Z"].includes(statOf(String(pid))[0] ?? "")

/** Which of these are still there when the kernel has had time to end them. */
export async function outlasting(pids: readonly number[]): Promise<readonly number[]> {
  for (let tries = 0; tries < 50 && pids.some(isThere); tries += 1) await sleep(100)
  return pids.filter(isThere)
}

/** Those that are still there when the kernel has had time to end them. */
export async function leftOverIn(folder: string): Promise<readonly number[]> {
  for (let tries = 0; tries < 50 && processesIn(folder).length > 0; tries += 1) await sleep(100)
  return processesIn(folder)
}

export const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])
