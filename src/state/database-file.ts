// The SQLite file: its schema and its checks.

import { accessSync, constants, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync, type StatementSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { FACT_TOPICS } from "../events/schemas.ts"
import { sqliteCode } from "./sqlite-failure.ts"

/** Marks the file as ours (PRAGMA application_id): "OIIO". */
const APPLICATION_ID = 0x4f49494f

/**
 * Rows of a topic lie together, `off` counting up within them. A clustered (topic, offset) key without rowid took 3.4
 * times the room and 2.6 times the time for 1 KB records, since most of each value went to overflow pages.
 */
export const OFFSETS_PER_TOPIC = 2 ** 40

/** Step n brings a file from version n to n + 1. Steps are never changed once released, only added. */
const STEPS: readonly string[] = [
  `CREATE TABLE tp(
     id INTEGER PRIMARY KEY, topic TEXT NOT NULL, part INTEGER NOT NULL,
     next_off INTEGER NOT NULL DEFAULT 0, UNIQUE(topic, part)
   ) STRICT;
   -- id: tp * 2^40 + offset. k: partition key. h: headers as JSON where the value does not imply them. v: the value.
   CREATE TABLE record(id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, k TEXT, h TEXT, v BLOB) STRICT;
   CREATE TABLE group_offset(
     grp TEXT NOT NULL, tp INTEGER NOT NULL REFERENCES tp(id), next_off INTEGER NOT NULL, PRIMARY KEY(grp, tp)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE writer_schema(
     id INTEGER PRIMARY KEY, topic TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE, text TEXT NOT NULL
   ) STRICT;
   CREATE VIEW log AS
     SELECT tp.topic, record.id & ${OFFSETS_PER_TOPIC - 1} AS off, record.ts, record.k, record.h, length(record.v) AS bytes
     FROM tp JOIN record ON record.id BETWEEN tp.id * ${OFFSETS_PER_TOPIC} AND tp.id * ${OFFSETS_PER_TOPIC} + ${OFFSETS_PER_TOPIC - 1};`,
  // A topic was added: topics are filled in behind the steps.
  "SELECT 1;",
  // removal-reported and element-removed were added.
  "SELECT 1;",
  // failure-dismissed was added.
  "SELECT 1;",
  // sequence-frame, sequence-settled and movie-made were added.
  "SELECT 1;",
  // hint-reported and sequence-stated were added.
  "SELECT 1;",
  // review-made was added.
  "SELECT 1;",
  // Facts of one key are found without reading the log: docs/performance.md says what the index costs.
  "CREATE INDEX record_key ON record(k);",
]

export const CURRENT_VERSION = STEPS.length

export type FileVersion = "empty" | "older" | "current" | "newer" | "foreign"

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0)

/** What an open file is to this program. */
export function fileVersion(db: DatabaseSync): FileVersion {
  const version = pragma(db, "user_version")
  const ours = pragma(db, "application_id") === APPLICATION_ID
  if (!ours) return version === 0 && pragma(db, "schema_version") === 0 ? "empty" : "foreign"
  if (version === CURRENT_VERSION) return "current"
  return version > CURRENT_VERSION ? "newer" : "older"
}

/** Settings of the owning connection. NORMAL: a commit keeps the file whole, and group-commit.ts waits until it is on disk. */
export function prepareOwner(db: DatabaseSync): void {
  // 8 KB pages hold several records each; they count only before the first table is made. The legacy way of renaming
  // leaves views alone that people made over a table which a rebuild swaps.
  db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;
    PRAGMA legacy_alter_table = ON;`)
}

/** Brings an empty or older file to the current version, in one transaction. */
export function migrate(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE")
  for (const step of STEPS.slice(pragma(db, "user_version"))) db.exec(step)
  const topic = db.prepare("INSERT INTO tp(topic, part) VALUES (?, 0) ON CONFLICT DO NOTHING")
  for (const name of [...FACT_TOPICS, "dead-letter"]) topic.run(name)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${CURRENT_VERSION}; COMMIT`)
}

/** Topics of the file with their numbers. */
export const topicNumbers = (db: DatabaseSync): ReadonlyMap<string, number> =>
  new Map(
    db
      .prepare("SELECT topic, id FROM tp WHERE part = 0")
      .all()
      .map((row) => [String(row.topic), Number(row.id)]),
  )

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

/** A prepared statement by its text: prepared once, and again by SQLite itself when tables change. */
export type Sql = (text: string) => StatementSync

export function statements(db: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>()
  return (text) => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    const made = db.prepare(text)
    prepared.set(text, made)
    return made
  }
}
