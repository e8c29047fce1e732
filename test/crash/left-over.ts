import { existsSync, readdirSync, readlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** Processes that work in a folder below this one: picture tools run in the folder of their job. Linux only. */
export const processesIn = (folder: string): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingFolderOf(pid).startsWith(folder))
    .map(Number)

function workingFolderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch (error) {
    // Ended meanwhile, or somebody else's.
    if (error instanceof Error && "code" in error) return ""
    throw error
  }
}

/** Those that are still there when the kernel has had time to end them. */
export async function leftOverIn(folder: string): Promise<readonly number[]> {
  for (let tries = 0; tries < 50 && processesIn(folder).length > 0; tries += 1) await sleep(100)
  return processesIn(folder)
}

export const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])
