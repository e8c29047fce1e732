import { mkdir, open, readFile, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** A process that dies between making the lock and signing it leaves an empty file; after this long it is taken as dead. */
const UNSIGNED_FOR_MS = 10_000
const LOOK_EVERY_MS = 200

/** Whether a process of this id runs; one of another user does too. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

const take = async (path: string): Promise<boolean> => {
  try {
    const file = await open(path, "wx")
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    return false
  }
}

const isAbandoned = async (path: string): Promise<boolean> => {
  try {
    const owner = Number(await readFile(path, "utf8"))
    if (owner > 0) return !isAlive(owner)
    return Date.now() - (await stat(path)).mtimeMs > UNSIGNED_FOR_MS
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    return false
  }
}

/** Does the work while no other process does what needs the same lock file; the lock of a dead process is taken over. */
export const withLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  await mkdir(dirname(path), { recursive: true })
  let hasSaid = false
  while (!(await take(path))) {
    if (await isAbandoned(path)) {
      await rm(path, { force: true })
      continue
    }
    if (!hasSaid) process.stderr.write(`services: waiting for the process that holds ${path}\n`)
    hasSaid = true
    await sleep(LOOK_EVERY_MS)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
