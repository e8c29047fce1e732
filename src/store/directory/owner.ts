import { createHash, randomUUID } from "node:crypto"
import { existsSync, readlinkSync } from "node:fs"
import { lstat, rm } from "node:fs/promises"
import { hostname } from "node:os"
import { orNull } from "../file-errors.ts"

/** Process ids mean something on one host only, and in one container only. */
const PROCESS_NAMES = "/proc/self/ns/pid"
const host = createHash("sha256")
  .update(`${hostname()} ${existsSync(PROCESS_NAMES) ? readlinkSync(PROCESS_NAMES) : ""}`)
  .digest("hex")
  .slice(0, 12)

/** A writer that has not touched its file for so long is taken for dead, wherever it runs. */
const ABANDONED_AFTER_MS = 3_600_000

/** Who writes: host and process. */
export const owner = `${host}-${process.pid}`

const UPLOAD = /^([0-9a-f]{12}-\d+)-[0-9a-f-]{36}\.upload$/

export const uploadName = (): string => `${owner}-${randomUUID()}.upload`

/** The owner that an upload's file name tells; null for any other file. */
export const ownerOfUpload = (name: string): string | null => UPLOAD.exec(name)?.[1] ?? null

/** Nobody will finish this file: its process is gone, or was another one with our id, or it was not touched for an hour. */
export function isAbandoned(writer: string, mtimeMs: number): boolean {
  if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) return true
  const [onHost, pid] = writer.split("-")
  if (onHost !== host) return false
  if (writer === owner) return mtimeMs < Date.now() - process.uptime() * 1000
  return !isAlive(Number(pid))
}

/** True when the file, or the folder of a claim not yet made, is out of the way. */
export async function removeAbandoned(path: string, writer: string): Promise<boolean> {
  const stat = await lstat(path).catch(orNull("ENOENT"))
  if (stat !== null && !isAbandoned(writer, stat.mtimeMs)) return false
  await rm(path, { recursive: true, force: true })
  return true
}

/** Signal 0 asks without sending; a process of another user answers EPERM and lives. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}
