// Maps that hold only so many bytes in memory: values that were not used for the longest are spilled to disk.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync, type StatementSync } from "node:sqlite"
import { deserialize, serialize } from "node:v8"
import { done, failed, failure, type Result } from "../events/result.ts"

export type SpillOptions<Value> = {
  /** Where the file of the spilled values is; nobody else sees it, and it ends with the process. */
  readonly folder: string
  /** Bytes that all maps together hold in memory, about. */
  readonly mostBytes: number
  /** Bytes that a value takes in memory, about. */
  readonly bytesOf: (value: Value) => number
}

/** Values are plain data, as a structured clone takes it: what is got may be a copy of what was set. */
export type SpillingMap<Value> = {
  /** Fails scratch/full where the disk cannot be read. */
  get(key: string): Result<Value | undefined>
  /** The value is set in any case; fails scratch/full where others should have made room for it and the disk takes none. */
  set(key: string, value: Value): Result<void>
  /** Forgets all of it, for good. */
  release(): void
}

/** Maps that share one budget of memory and one file, which is made when something is spilled for the first time. */
export type Spill<Value> = { map(): SpillingMap<Value>; close(): void }

type Entry<Value> = { readonly value: Value; readonly bytes: number; readonly isSpilled: boolean }

export function openSpill<Value>(options: SpillOptions<Value>): Spill<Value> {
  let file: SpillFile | null = null
  const spilled = (): SpillFile => {
    file ??= openFile(options.folder)
    return file
  }
  const released: string[] = []
  // In the order of their last use; a key holds the number of its map.
  const held = new Map<string, Entry<Value>>()
  let [heldBytes, maps] = [0, 0]
  const hold = (name: string, value: Value, isSpilled: boolean): void => {
    drop(name)
    const bytes = options.bytesOf(value)
    held.set(name, { value, bytes, isSpilled })
    heldBytes += bytes
  }
  const drop = (name: string): void => {
    heldBytes -= held.get(name)?.bytes ?? 0
    held.delete(name)
  }
  /** The value that was used last stays, however large. */
  const makeRoom = (): void => {
    for (const [name, { value, isSpilled }] of held) {
      if (heldBytes <= options.mostBytes || held.size === 1) return
      for (const prefix of released) file?.clear(prefix)
      released.length = 0
      if (!isSpilled) spilled().put(name, serialize(value))
      drop(name)
    }
  }
  const read = (name: string): Value | undefined => {
    const entry = held.get(name)
    const bytes = entry === undefined ? file?.get(name) : undefined
    if (entry === undefined && bytes === undefined) return undefined
    // It was the only copy, of the kind that was set.
    const value = entry === undefined ? (deserialize(bytes as Uint8Array) as Value) : entry.value
    hold(name, value, entry?.isSpilled ?? true)
    makeRoom()
    return value
  }
  const map = (): SpillingMap<Value> => {
    const prefix = `${maps++}/`
    let isReleased = false
    return {
      get: (key) => (isReleased ? done(undefined) : onDisk(() => read(prefix + key))),
      set: (key, value) => {
        hold(prefix + key, value, false)
        return onDisk(makeRoom)
      },
      release: () => {
        for (const name of [...held.keys()].filter((name) => name.startsWith(prefix))) drop(name)
        if (!isReleased) released.push(prefix)
        isReleased = true
      },
    }
  }
  return { map, close: () => file?.close() }
}

/** Trouble with the disk is an outage of this machine. */
function onDisk<T>(work: () => T): Result<T> {
  try {
    return done(work())
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    if (code !== "ERR_SQLITE_ERROR" && !(error instanceof Error && "syscall" in error)) throw error
    const why = code === "ERR_SQLITE_ERROR" ? (error as Error).message : code
    return failed(
      failure(
        "scratch/full",
        `What does not fit into memory cannot be kept in the folder for temporary files (${why}).`,
      ),
    )
  }
}

type SpillFile = {
  get(name: string): Uint8Array | undefined
  put(name: string, bytes: Uint8Array): void
  clear(prefix: string): void
  close(): void
}

/** A database without a name: it goes with the process, however that ends. */
function openFile(folder: string): SpillFile {
  mkdirSync(folder, { recursive: true })
  const place = mkdtempSync(join(folder, "oiio-proxy-spill-"))
  const database = new DatabaseSync(join(place, "spilled"))
  rmSync(place, { recursive: true })
  // What is lost with the process needs no care; what fails while it lives is rolled back.
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
  database.exec("CREATE TABLE spilled (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
  const prepared = new Map<string, StatementSync>()
  const sql = (text: string): StatementSync => {
    const statement = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, statement)
    return statement
  }
  return {
    get: (name) => sql("SELECT bytes FROM spilled WHERE name = ?").get(name)?.bytes as Uint8Array | undefined,
    put: (name, bytes) => void sql("REPLACE INTO spilled (name, bytes) VALUES (?, ?)").run(name, bytes),
    clear: (prefix) =>
      void sql("DELETE FROM spilled WHERE name >= ? AND name < ?").run(prefix, `${prefix.slice(0, -1)}0`),
    close: () => database.close(),
  }
}
