/**
 * The table of tiles in SQLite: what a grid of shots and single frames shows, in an order that can be entered anywhere. It
 * follows elements and sequences by triggers, so that whoever merges into them keeps it right, in the same transaction.
 */

import type { State } from "../state/index.ts"

const CREATE_TILES = `CREATE TABLE IF NOT EXISTS tiles(
  bucket TEXT NOT NULL, name TEXT NOT NULL, is_shot INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  changed_at_ms INTEGER NOT NULL, folder TEXT, head TEXT, tail TEXT, PRIMARY KEY(bucket, name, is_shot)
) STRICT, WITHOUT ROWID`

const CREATE_NEWEST =
  "CREATE INDEX IF NOT EXISTS tiles_newest ON tiles(changed_at_ms DESC, bucket, name, is_shot, state)"

/** Few: most tiles are made. */
const CREATE_OTHERS =
  "CREATE INDEX IF NOT EXISTS tiles_others ON tiles(state, changed_at_ms DESC, bucket, name, is_shot) WHERE state <> 'made'"

/** Folder of a key, with its slash. */
const folderOf = (key: string): string => `rtrim(${key}, replace(${key}, '/', ''))`

/** Whether a key is the name of a frame of a sequence: folder, head, a number that may have a sign, tail. */
export const isFrameOf = (key: string, sequence: { folder: string; head: string; tail: string }): string => {
  const { folder, head, tail } = sequence
  const before = `(length(${folder}) + length(${head}))`
  const number = `substr(${key}, ${before} + 1, length(${key}) - ${before} - length(${tail}))`
  const digits = `ltrim(${number}, '-')`
  return `(substr(${key}, 1, ${before}) = ${folder} || ${head}
    AND length(${key}) > ${before} + length(${tail}) AND substr(${key}, length(${key}) - length(${tail}) + 1) = ${tail}
    AND length(${number}) - length(${digits}) <= 1 AND ${digits} <> '' AND ${digits} NOT GLOB '*[^0-9]*')`
}

/** At least two frames, or a movie: a row of fewer is no sequence to anybody. */
export const isShot = (row: string): string =>
  `(${row}movie_key IS NOT NULL OR ${row}frames_made GLOB '*[-,][0-9]*' OR (${row}frames_made <> '' AND ${row}frames_failed <> ''))`

const names = (row: string) => ({ folder: `${row}folder`, head: `${row}head`, tail: `${row}tail` })

const hasOutput = (row: string): string =>
  `EXISTS (SELECT 1 FROM proxy_outputs AS p WHERE p.s3_bucket = ${row}bucket AND p.s3_key = ${row}key)`

/** Whether a sequence shows the element already. */
const inShot = (row: string): string => `EXISTS (
  SELECT 1 FROM sequences AS s WHERE s.bucket = ${row}bucket AND s.folder = ${folderOf(`${row}key`)}
  AND ${isFrameOf(`${row}key`, names("s."))} AND ${isShot("s.")})`

/** Nothing shows an element while its first picture is still to come; one that is made again stays. */
const isSingle = (row: string): string =>
  `(${row}state IN ('done', 'failed') OR (${row}state IN ('queued', 'dismissed') AND ${hasOutput(row)})) AND NOT ${inShot(row)}`

const singleOf = (row: string): string =>
  `${row}bucket, ${row}key, 0, iif(${row}state = 'failed', 'failed', 'frame'), iif(${row}state = 'failed', 'failed', 'made'), ${row}changed_at_ms`

const PUT = "INSERT INTO tiles(bucket, name, is_shot, kind, state, changed_at_ms"

/** Spelled out: within a trigger, OR REPLACE would give way to what the statement outside says of conflicts. */
const OVER = `ON CONFLICT(bucket, name, is_shot) DO UPDATE SET kind = excluded.kind, state = excluded.state,
  changed_at_ms = excluded.changed_at_ms, folder = excluded.folder, head = excluded.head, tail = excluded.tail`

const PUT_SINGLES = `${PUT}) SELECT ${singleOf("e.")} FROM elements AS e WHERE ${isSingle("e.")}`

const shotOf = (row: string): string =>
  `${row}bucket, ${row}folder || ${row}head || '#' || ${row}tail, 1, 'shot', ${row}state, ${row}changed_at_ms, ${row}folder, ${row}head, ${row}tail`

const PUT_SHOTS = `${PUT}, folder, head, tail) SELECT ${shotOf("s.")} FROM sequences AS s WHERE ${isShot("s.")}`

const OF_ELEMENT = "bucket = NEW.bucket AND name = NEW.key AND is_shot = 0"

const PUT_ELEMENT = `${PUT}) SELECT ${singleOf("NEW.")} WHERE NOT ${inShot("NEW.")}`

/**
 * Keys that begin as the frames of a sequence do, as far as an index tells: a digit or a minus follows, so that a sequence at
 * the top of a bucket does not look through all of it.
 */
const range = (key: string): string =>
  `${key} >= NEW.folder || NEW.head || '-' AND ${key} < NEW.folder || NEW.head || ':'`

const FOLLOW_SEQUENCE = `
  DELETE FROM tiles WHERE bucket = NEW.bucket AND is_shot = 0 AND ${range("name")} AND ${isFrameOf("name", names("NEW."))};
  DELETE FROM tiles WHERE bucket = NEW.bucket AND name = NEW.folder || NEW.head || '#' || NEW.tail AND is_shot = 1;
  ${PUT}, folder, head, tail) SELECT ${shotOf("NEW.")} WHERE ${isShot("NEW.")} ${OVER};
  ${PUT_SINGLES} AND NOT ${isShot("NEW.")} AND e.bucket = NEW.bucket AND ${range("e.key")} AND ${isFrameOf("e.key", names("NEW."))} ${OVER};`

type Trigger = readonly [name: string, statement: string]

const trigger = (name: string, event: string, body: string): Trigger => [
  name,
  `CREATE TRIGGER ${name} AFTER ${event} BEGIN ${body} END`,
]

/** Most rows are arrivals, and then done: each of the two costs as little as can be. */
const TRIGGERS: readonly Trigger[] = [
  trigger("tiles_element_new", "INSERT ON elements WHEN NEW.state IN ('done', 'failed')", `${PUT_ELEMENT} ${OVER};`),
  trigger(
    "tiles_element_known",
    `INSERT ON elements WHEN NEW.state IN ('queued', 'dismissed') AND ${hasOutput("NEW.")}`,
    `${PUT_ELEMENT} ${OVER};`,
  ),
  trigger("tiles_element_ended", "UPDATE ON elements WHEN NEW.state IN ('done', 'failed')", `${PUT_ELEMENT} ${OVER};`),
  trigger(
    "tiles_element_removed",
    "UPDATE ON elements WHEN NEW.state = 'removed'",
    `DELETE FROM tiles WHERE ${OF_ELEMENT};`,
  ),
  trigger(
    "tiles_element_again",
    "UPDATE ON elements WHEN NEW.state IN ('queued', 'dismissed') AND OLD.state IN ('failed', 'removed')",
    `DELETE FROM tiles WHERE ${OF_ELEMENT}; ${PUT_ELEMENT} AND ${hasOutput("NEW.")} ${OVER};`,
  ),
  trigger("tiles_sequence_new", "INSERT ON sequences", FOLLOW_SEQUENCE),
  trigger("tiles_sequence_changed", "UPDATE ON sequences", FOLLOW_SEQUENCE),
]

/**
 * Makes the tiles follow, inside a write. Where they did not until now, of a new table or one that a rebuild put in its place,
 * they are made anew.
 */
export function ensureTiles({ sql }: State): void {
  const isNew = sql("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tiles'").get() === undefined
  sql(CREATE_TILES).run()
  sql(CREATE_NEWEST).run()
  sql(CREATE_OTHERS).run()
  const there = new Map(
    sql("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all()
      .map((row) => [row.name, row.sql]),
  )
  if (!isNew && TRIGGERS.every(([name, statement]) => there.get(name) === statement)) return
  for (const [name] of TRIGGERS) sql(`DROP TRIGGER IF EXISTS ${name}`).run()
  sql("DELETE FROM tiles").run()
  sql(PUT_SHOTS).run()
  sql(PUT_SINGLES).run()
  for (const [, statement] of TRIGGERS) sql(statement).run()
}
