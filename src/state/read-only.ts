import { accessSync, constants, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { sqliteCode } from "./sqlite-failure.ts"

const BUSY_TIMEOUT_MS = 10_000

/**
 * Opens a database for reading. Readers of a write-ahead log share memory in a file beside the database; where the disk
 * is mounted read-only and nobody works on the state, that file cannot be made, and nothing can change under the reader
 * either, so the database is read without it. Throws what SQLite throws.
 */
export function openForReading(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    db.prepare("PRAGMA schema_version").get()
    return db
  } catch (error) {
    db.close()
    if (sqliteCode(error) === null || accessCode(file, constants.W_OK) !== "EROFS" || hasUnmergedLog(file)) throw error
  }
  const address = pathToFileURL(file)
  address.search = "immutable=1"
  return new DatabaseSync(address, { readOnly: true })
}

/** What keeps a reader out, and what to do about it; null when permissions and the disk are not the reason. */
export function readingProblem(file: string): string | null {
  const folder = dirname(file)
  if (accessCode(folder, constants.X_OK) === "EACCES" || accessCode(file, constants.R_OK) === "EACCES")
    return `The state in ${folder} may not be read by this user: give this user the right to read it.`
  if (accessCode(folder, constants.W_OK) === "EACCES")
    return `The state in ${folder} cannot be read without the right to write there, since SQLite keeps the locks of readers beside the database: give this user that right, or copy the folder and name the copy with --state DIR.`
  if (accessCode(file, constants.W_OK) === "EROFS" && hasUnmergedLog(file))
    return `The state in ${folder} lies on a disk that is mounted read-only, and its last changes are not merged yet: copy the folder to a disk that can be written, and name the copy with --state DIR.`
  return null
}

/** Code of the error with which access is refused; null when it is granted. */
function accessCode(path: string, mode: number): string | null {
  try {
    accessSync(path, mode)
    return null
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code
    throw error
  }
}

/** Whether changes lie in the write-ahead log only: then the database alone tells an older state. */
const hasUnmergedLog = (file: string): boolean => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
