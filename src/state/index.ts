// The one SQLite file of an embedded installation: log, positions of groups, writer schemas and tables, and its lock.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { makeFolder } from "../system/folders.ts"
import {
  fileVersion,
  migrate,
  openForReading,
  prepareOwner,
  readingProblem,
  type Sql,
  statements,
  topicNumbers,
} from "./database-file.ts"
import { type GroupCommit, groupCommit, openCommitDisk } from "./group-commit.ts"
import { unsafeDisk } from "./local-disk.ts"
import { type Lock, takeLock, thisProcess } from "./lock.ts"
import { type Port, sqliteFailure, sqliteTrouble } from "./sqlite-failure.ts"

/** Positions of the consumer groups, kept beside log and tables so that one transaction can move both. */
export type GroupOffsets = {
  /** Next offset that `group` reads of `topic`; null when the group has none yet. */
  committed(group: string, topic: string): number | null
  /** Inside a write: the group reads this topic from now on, from the earliest record. Keeps a position it has. */
  join(group: string, topic: string): void
  /** Inside a write: moves the position on. */
  move(group: string, topic: string, nextOffset: number): void
  /**
   * Inside a write: the group reads again from `nextOffset`, where it is not further back anyway, and every claim is
   * taken away, so that running readers start again there. It never moves on: what lies between was not yet told to
   * anybody.
   */
  rewind(group: string, topic: string, nextOffset: number): void
  /**
   * Makes the caller the one reader of a group's topic in this process. The signal aborts when a later claim is made
   * (reason `taken`), or when the position was rewound (reason `rewound`).
   */
  claim(group: string, topic: string): AbortSignal
}

/** The one database of an embedded installation: log, positions of groups, writer schemas and tables. */
export type State = {
  readonly folder: string
  /** own: this process alone writes. read: any number of processes, while an owner runs or not. */
  readonly mode: "own" | "read"
  /** Number of each topic, the high part of its records' ids. */
  readonly topics: ReadonlyMap<string, number>
  readonly sql: Sql
  readonly groups: GroupOffsets
  readonly onCommit: GroupCommit["onCommit"]
  /** See {@link GroupCommit}. In read mode it fails `port`/refused. */
  readonly write: GroupCommit["write"]
  /** Runs a query. Fails `port`/unreachable or `port`/refused; throws what else it throws. */
  read<T>(port: Port, query: () => T): Result<T>
  /** A connection of its own that sees one moment of the database until it is closed. Throws what SQLite throws. */
  snapshot(): DatabaseSync
  /** Commits what waits, closes the database, gives up ownership. Closing twice is closing once. */
  close(): void
}

export type StateOptions = {
  /** Directory of the state; made when it is absent and the mode is own. */
  readonly folder: string
  readonly mode: "own" | "read"
  readonly clock: Pick<Clock, "nowMs">
  /** What the owner does, for the one who finds the state owned; default `run`. */
  readonly command?: string
}

const DATABASE_FILE = "state.sqlite"

/**
 * Opens the state in a folder. Fails state/owned (own: names who owns it), state/missing (read: nothing there yet),
 * state/unsafe (a network file system), state/newer, state/unusable.
 */
export async function openState(options: StateOptions): Promise<Result<State>> {
  const { folder, mode, clock, command = "run" } = options
  try {
    if (mode === "own") await makeFolder(folder)
    else if (!existsSync(join(folder, DATABASE_FILE))) return failed(missing(folder))
    const unsafe = await unsafeDisk(folder)
    if (unsafe !== null) return failed(unsafe)
    if (mode === "read") return openFile(options, null)
    const lock = takeLock(folder, thisProcess(command, clock.nowMs()))
    return lock.ok ? releasedOnFailure(lock.value, () => openFile(options, lock.value)) : lock
  } catch (error) {
    return failed(classify(options, error))
  }
}

function releasedOnFailure(lock: Lock, open: () => Result<State>): Result<State> {
  let opened = false
  try {
    const state = open()
    opened = state.ok
    return state
  } finally {
    if (!opened) lock.release()
  }
}

function openFile({ folder, mode }: StateOptions, lock: Lock | null): Result<State> {
  const file = join(folder, DATABASE_FILE)
  const db = mode === "read" ? openForReading(file) : new DatabaseSync(file, { timeout: 10_000 })
  const wrong = versionFailure(folder, mode, db)
  if (wrong !== null) {
    db.close()
    return failed(wrong)
  }
  if (mode === "own") {
    prepareOwner(db)
    migrate(db)
  }
  return done(stateOf({ folder, mode, db, lock }))
}

function versionFailure(folder: string, mode: "own" | "read", db: DatabaseSync): Failure | null {
  const version = fileVersion(db)
  if (version === "current") return null
  if (version === "newer") {
    return failure(
      "state/newer",
      `A newer version wrote the state in ${folder}. Use that version, or another --state DIR.`,
    )
  }
  if (version === "foreign")
    return failure("state/unusable", `${DATABASE_FILE} in ${folder} belongs to another program.`)
  if (mode === "own") return null
  if (version === "empty") return missing(folder)
  return failure("state/unusable", `An older version wrote the state in ${folder}. \`run\` brings it up to date.`)
}

const missing = (folder: string): Failure =>
  failure("state/missing", `There is no state in ${folder} yet. \`run\` makes it, --state DIR names another.`)

type Opened = Pick<State, "folder" | "mode"> & { readonly db: DatabaseSync; readonly lock: Lock | null }

function stateOf({ folder, mode, db, lock }: Opened): State {
  const sql = statements(db)
  const topics = topicNumbers(db)
  const disk = mode === "own" ? openCommitDisk(join(folder, DATABASE_FILE)) : null
  const commits = disk === null ? null : groupCommit(db, disk)
  return {
    folder,
    mode,
    topics,
    sql,
    groups: groupOffsets(sql, topics),
    // Nobody commits through a connection that only reads.
    onCommit: commits?.onCommit ?? (() => () => undefined),
    write:
      commits?.write ?? (async (port) => failed(failure(`${port}/refused`, "The state is open for reading only."))),
    read: (port, query) => {
      try {
        return done(query())
      } catch (error) {
        return failed(sqliteFailure(port, error))
      }
    },
    snapshot: () => snapshotOf(folder),
    close: () => {
      if (!db.isOpen) return
      commits?.flush()
      db.close()
      disk?.close()
      lock?.release()
    },
  }
}

function snapshotOf(folder: string): DatabaseSync {
  const db = openForReading(join(folder, DATABASE_FILE))
  // The read that follows BEGIN fixes the moment.
  db.exec("BEGIN; SELECT 1 FROM tp LIMIT 1")
  return db
}

/** Why a directory cannot be used, by the code of the system's error. */
const UNUSABLE: Readonly<Record<string, string>> = {
  EACCES: "may not be written by this user: give this user that right, or name",
  EPERM: "may not be written by this user: give this user that right, or name",
  EROFS: "lies on a disk that is mounted read-only: name",
  ENOTDIR: "cannot be made, because something in its path is a file: name",
  EEXIST: "is a file, not a directory: name",
}

function classify({ folder, mode }: StateOptions, error: unknown): Failure {
  const trouble = sqliteTrouble(error)
  if (trouble !== null) {
    const problem = mode === "read" ? readingProblem(join(folder, DATABASE_FILE)) : null
    return failure("state/unusable", problem ?? `The state in ${folder} cannot be opened. ${trouble.says}`)
  }
  if (error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error) {
    const why = UNUSABLE[error.code] ?? `cannot be used (${error.code}): name`
    return failure("state/unusable", `The state directory ${folder} ${why} another with --state DIR.`)
  }
  throw error
}

function groupOffsets(sql: Sql, topics: ReadonlyMap<string, number>): GroupOffsets {
  const claims = new Map<string, AbortController>()
  const numberOf = (topic: string): number => {
    const found = topics.get(topic)
    if (found === undefined) throw new Error(`state: no topic ${topic}`)
    return found
  }
  const drop = (group: string, topic: string, reason: "taken" | "rewound"): void => {
    const name = JSON.stringify([group, topic])
    claims.get(name)?.abort(reason)
    claims.delete(name)
  }
  const set = (group: string, topic: string, nextOffset: number): void => {
    sql(`INSERT INTO group_offset(grp, tp, next_off) VALUES (?, ?, ?)
         ON CONFLICT(grp, tp) DO UPDATE SET next_off = excluded.next_off`).run(group, numberOf(topic), nextOffset)
  }
  const committed = (group: string, topic: string): number | null => {
    const row = sql("SELECT next_off FROM group_offset WHERE grp = ? AND tp = ?").get(group, numberOf(topic))
    return row === undefined ? null : Number(row.next_off)
  }
  return {
    committed,
    join: (group, topic) => {
      sql("INSERT INTO group_offset(grp, tp, next_off) VALUES (?, ?, 0) ON CONFLICT DO NOTHING").run(
        group,
        numberOf(topic),
      )
    },
    move: set,
    rewind: (group, topic, nextOffset) => {
      set(group, topic, Math.min(nextOffset, committed(group, topic) ?? nextOffset))
      drop(group, topic, "rewound")
    },
    claim: (group, topic) => {
      drop(group, topic, "taken")
      const claim = new AbortController()
      claims.set(JSON.stringify([group, topic]), claim)
      return claim.signal
    },
  }
}
