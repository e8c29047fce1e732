import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { isBusy } from "./sqlite-failure.ts"

/** Who owns a state: for people, the lock itself decides. */
export type Owner = {
  readonly pid: number
  readonly host: string
  /** What it does: `run`, `rebuild`. */
  readonly command: string
  /** Since when, ISO-8601 UTC. */
  readonly since: string
}

export type Lock = { release(): void }

/**
 * Nobody but SQLite may open this file: closing any other handle on it would drop the process's own lock (fcntl(2)).
 */
const LOCK_FILE = "owner.lock"
const OWNER_FILE = "owner.json"

/** Two that start at the same instant get in each other's way for a moment; a real owner stays longer. */
const WAIT_MS = 250

/**
 * Takes the state for this process until `release`, or until the process dies: an exclusive transaction on a file of its
 * own is an fcntl lock, which the kernel drops with the process. Fails state/owned, naming the owner; throws what SQLite
 * throws when the file cannot be locked at all.
 */
export function takeLock(folder: string, self: Owner): Result<Lock> {
  const db = new DatabaseSync(join(folder, LOCK_FILE), { timeout: WAIT_MS })
  try {
    db.exec("BEGIN EXCLUSIVE")
  } catch (error) {
    db.close()
    if (isBusy(error)) return failed(owned(folder))
    throw error
  }
  const ownerFile = join(folder, OWNER_FILE)
  const release = (): void => {
    rmSync(ownerFile, { force: true })
    db.close()
  }
  try {
    writeFileSync(`${ownerFile}.new`, `${JSON.stringify(self)}\n`)
    renameSync(`${ownerFile}.new`, ownerFile)
  } catch (error) {
    release()
    throw error
  }
  return done({ release })
}

export const thisProcess = (command: string, nowMs: number): Owner => ({
  pid: process.pid,
  host: hostname(),
  command,
  since: new Date(nowMs).toISOString(),
})

/** Who owns the state according to the note beside the lock; null when there is none, or none that can be read. */
export function ownerOf(folder: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER_FILE), "utf8")) as Owner
  } catch (error) {
    return noOwner(error)
  }
}

function noOwner(error: unknown): null {
  if (error instanceof SyntaxError || (error instanceof Error && "code" in error)) return null
  throw error
}

function owned(folder: string): Failure {
  const owner = ownerOf(folder)
  const who =
    owner === null
      ? "another process"
      : `\`${owner.command}\`, process ${owner.pid} on ${owner.host}, since ${owner.since}`
  return failure(
    "state/owned",
    `The state in ${folder} is owned by ${who}. Wait until it ends, stop it, or use --state DIR.`,
  )
}
