import { rmSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isAlive } from "./install/lock.ts"

const PREFIX = "oiio-services-"

/** Folders of runs that were killed before they could clean up. */
const sweep = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split("-")[0]) : 0
    if (owner > 0 && !isAlive(owner)) await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
}

export type RunFolder = {
  readonly path: string
  readonly remove: () => Promise<void>
}

/**
 * A fresh folder for one set of servers, readable by this user alone, that is gone after `remove`, at the latest when
 * this process exits, and after a SIGKILL when the next set starts. SERVICES_KEEP=1 keeps it, for reading the logs.
 */
export const makeRunFolder = async (): Promise<RunFolder> => {
  await sweep()
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  if (process.env.SERVICES_KEEP === "1") {
    process.stderr.write(`services: data and logs stay in ${path}\n`)
    return { path, remove: () => Promise.resolve() }
  }
  const removeNow = (): void => rmSync(path, { recursive: true, force: true })
  process.once("exit", removeNow)
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true })
      process.off("exit", removeNow)
    },
  }
}
