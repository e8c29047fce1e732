import { type Failure, failure } from "../events/result.ts"

/** Who asks the database: its name is the first half of the failure's code. */
export type Port = "log" | "table"

// Primary result codes of SQLite: https://sqlite.org/rescode.html
const BUSY = 5
const CORRUPT = 11
const NOT_A_DATABASE = 26
const GENERIC = 1
const DISK_ERROR = 10
const DISK_FULL = 13

/** What passes when somebody makes room, remounts the disk or ends another program. */
const OUTAGES: ReadonlyMap<number, string> = new Map([
  [3, "The database file must not be accessed: give this user the right to read and write it."],
  [BUSY, "Another program holds the database locked: end it."],
  [6, "The database is locked from inside."],
  [7, "There is not enough memory for the database."],
  [8, "The database cannot be written: its disk is mounted read-only, or the file is."],
  [DISK_ERROR, "The disk of the database reports an error: look at the system's log."],
  [
    DISK_FULL,
    "The disk of the database is full: make room, or keep the state, which is log and tables, on another (--state DIR).",
  ],
  [14, "The database file cannot be opened: the directory may be gone or forbidden."],
])

/** Primary result code of an error that node:sqlite threw, null when it is none. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null
  return error.errcode & 0xff
}

/** The code that SQLite would have given, had it waited for the disk itself; null where nothing of the kind failed. */
function syncCode(error: unknown): number | null {
  if (!(error instanceof Error && "syscall" in error && error.syscall === "fdatasync" && "code" in error)) return null
  return error.code === "ENOSPC" || error.code === "EDQUOT" ? DISK_FULL : DISK_ERROR
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === BUSY

/** What the world did to the database, in words; null when the error is a bug of ours. */
export function sqliteTrouble(error: unknown): { readonly outage: boolean; readonly says: string } | null {
  const code = sqliteCode(error) ?? syncCode(error)
  if (code === null) return null
  const outage = OUTAGES.get(code)
  if (outage !== undefined) return { outage: true, says: outage }
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return { outage: false, says: "The database file is damaged: put back a copy, or start with an empty state." }
  }
  const message = (error as Error).message
  if (code !== GENERIC || !message.startsWith("no such ")) return null
  return {
    outage: false,
    says: `The database was changed by hand (${message}). \`rebuild\` makes its tables from the log.`,
  }
}

/** The failure of a port behind an error of node:sqlite; rethrows what it does not know: our own bug. */
export function sqliteFailure(port: Port, error: unknown): Failure {
  const trouble = sqliteTrouble(error)
  if (trouble === null) throw error
  return failure(trouble.outage ? `${port}/unreachable` : `${port}/refused`, trouble.says)
}
