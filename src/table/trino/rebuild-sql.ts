import type { Projection } from "../sqlite-schema.ts"
import {
  assignments,
  beats,
  bestFirst,
  columnList,
  fingerprint,
  jsonTable,
  keyColumns,
  sameKey,
  type TrinoSchema,
  tableName,
} from "./sql.ts"

/** Tables of one rebuild of one projection, beside the live one. */
export type RebuildTables = {
  readonly live: string
  /** Key and fingerprint of every live row at the start. */
  readonly before: string
  /** Rebuilt rows as they came: several of one key. */
  readonly rebuilt: string
  /** What has to be done to the live table. */
  readonly changes: string
}

const PREFIX = "rebuild"
const PARTS = ["before", "rebuilt", "changes"] as const

/** Names are never used again; when a rebuild began is part of them, so that the leftovers of a dead one are known. */
export const rebuildId = (startedAtMs: number, random: number): string =>
  `${Math.floor(startedAtMs / 1000)}_${Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, "0")}`

export const besideOf = (schema: TrinoSchema, { name }: Projection, id: string): RebuildTables => {
  const table = (part: (typeof PARTS)[number]): string => tableName(schema, `${PREFIX}_${id}_${part}_${name}`)
  return {
    live: tableName(schema, name),
    before: table("before"),
    rebuilt: table("rebuilt"),
    changes: table("changes"),
  }
}

/** When the rebuild began that made this table, epoch milliseconds; null for a table that none made. */
export const rebuildBegunMs = (table: string): number | null => {
  const seconds = /^rebuild_(\d{1,12})_[0-9a-f]{8}_(?:before|rebuilt|changes)_/.exec(table)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}

export const beforeStatement = (projection: Projection, { live, before }: RebuildTables): string =>
  `CREATE TABLE ${before} AS SELECT ${columnList(keyColumns(projection), "t.")}, ${fingerprint(projection, "t")} AS "print" FROM ${live} AS t`

export const appendStatement = (
  projection: Projection,
  { rebuilt }: RebuildTables,
  jsonRows: readonly string[],
): string =>
  `INSERT INTO ${rebuilt} (${columnList(projection.columns)}) SELECT * FROM ${jsonTable(projection, jsonRows)}`

/** Rows of one statement on the live table: few enough not to stand in the way of its projector for long. */
const ROWS_A_CHANGE = 5_000

/**
 * What differs: rebuilt rows that are missing; live rows that are as they were at the start, but are not rebuilt; and
 * live rows that differ from the rebuilt one, either unchanged since the start or older. A row that arrived or was
 * replaced meanwhile stays, unless the rebuilt one is newer.
 */
export const changesStatement = (projection: Projection, { live, before, rebuilt, changes }: RebuildTables): string => {
  const keys = keyColumns(projection)
  const others = projection.columns.filter((column) => !keys.includes(column))
  const [first] = keys.map(({ name }) => `"${name}"`)
  const columns = columnList(projection.columns)
  return `CREATE TABLE ${changes} AS
WITH r AS (
  SELECT ${columns}, ${fingerprint(projection, "d")} AS "print" FROM (
    SELECT ${columns}, row_number() OVER (PARTITION BY ${columnList(keys)} ORDER BY ${bestFirst(projection, "u")}) AS "place"
    FROM ${rebuilt} AS u) AS d WHERE "place" = 1),
t AS (SELECT ${columns}, ${fingerprint(projection, "l")} AS "print" FROM ${live} AS l),
found AS (
  SELECT ${keys.map(({ name }) => `coalesce(r."${name}", t."${name}") AS "${name}"`).join(", ")}, ${columnList(others, "r.")},
    t."print" AS "seen",
    CASE WHEN t.${first} IS NULL THEN 'missing'
      WHEN r.${first} IS NULL AND b."print" = t."print" THEN 'orphaned'
      WHEN r."print" <> t."print" AND (b."print" = t."print" OR ${beats(projection, "r", "t")}) THEN 'different'
    END AS "change"
  FROM r FULL OUTER JOIN t ON ${sameKey(projection, "r", "t")} LEFT JOIN ${before} AS b ON ${sameKey(projection, "b", "t")})
SELECT *, row_number() OVER () / ${ROWS_A_CHANGE} AS "part" FROM found WHERE "change" IS NOT NULL`
}

/** How many rows were rebuilt, how many need which change, and the number of the last part. */
export const countStatement = (projection: Projection, { rebuilt, changes }: RebuildTables): string =>
  `SELECT (SELECT count(*) FROM (SELECT DISTINCT ${columnList(keyColumns(projection))} FROM ${rebuilt})),
  count_if("change" = 'missing'), count_if("change" = 'different'), count_if("change" = 'orphaned'), coalesce(max("part"), -1)
FROM ${changes}`

/** Applies one part of the changes, each row only where the live one is still the one that was seen, or older. */
export const applyStatement = (projection: Projection, { live, changes }: RebuildTables, part: number): string =>
  `MERGE INTO ${live} AS t
USING (SELECT * FROM ${changes} WHERE "part" = ${part}) AS s
ON ${sameKey(projection, "t", "s")}
WHEN MATCHED AND s."change" = 'orphaned' AND ${fingerprint(projection, "t")} = s."seen" THEN DELETE
WHEN MATCHED AND s."change" <> 'orphaned' AND (${fingerprint(projection, "t")} = s."seen" OR ${beats(projection, "s", "t")})
  THEN UPDATE SET ${assignments(projection)}
WHEN NOT MATCHED AND s."change" <> 'orphaned' THEN INSERT (${columnList(projection.columns)}) VALUES (${columnList(projection.columns, "s.")})`

export const dropStatements = (beside: RebuildTables): readonly string[] =>
  PARTS.map((part) => `DROP TABLE IF EXISTS ${beside[part]}`)
