import { rm } from "node:fs/promises"
import type { Server } from "node:http"
import { askControl, serveControl } from "./control.ts"
import { openServiceSet } from "./index.ts"

/** Relative to the run folder, as the path of a socket may have 100 characters only. */
export const SOCKET = "control.sock"

/** Whether a supervisor answers in this folder. */
export const isSupervised = async (): Promise<boolean> => {
  try {
    await askControl(SOCKET, "/status")
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ECONNREFUSED") return false
    throw error
  }
}

/** Owns the developer's servers in the current directory until it is told to stop, by `/stop`, SIGTERM or Ctrl-C. */
export const supervise = async (): Promise<void> => {
  if (await isSupervised()) throw new Error("the services of this folder have a supervisor already")
  await rm(SOCKET, { force: true })
  const set = openServiceSet(process.cwd(), true)
  let control: Server | undefined
  const stop = async (): Promise<void> => {
    await set.close()
    control?.close()
  }
  control = await serveControl(SOCKET, { set, stop })
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop())
}
