/** Rebuilds the tables about headers beside the live ones: what is run, and its statements. */

import { done, type Result } from "../../events/result.ts"
import type { RebuildReport } from "../index.ts"
import { FILES, INSPECTION_TABLES, type InspectionColumn, type InspectionTable, LISTS } from "../inspection-columns.ts"
import type { Inspection } from "../rows.ts"
import { jsonParts } from "./batch.ts"
import type { Connection } from "./connection.ts"
import { isLater, replacing, sameFile } from "./inspection-merge.ts"
import { cellType, identifier, jsonLiteral, names, type TrinoSchema, tableName, typed } from "./sql.ts"
import { AGAINST_A_STREAM, commit, inTurn, run } from "./statement.ts"

/** Rebuilds files, parts, channels and attributes beside the live ones, and merges them into these. */
export type InspectionRebuild = {
  start(): Promise<Result<void>>
  append(inspections: readonly Inspection[]): Promise<Result<void>>
  replace(): Promise<Result<RebuildReport>>
  drop(): Promise<void>
}

export function rebuildOfInspections(connection: Connection, beside: RebuildTables): InspectionRebuild {
  let inspections = 0
  return {
    start: () => inTurn(startStatements(beside, INSPECTION_TABLES).map((sql) => () => run(connection, sql))),
    append: async (added) => {
      const first = inspections
      inspections += added.length
      return appendAll(connection, beside, numbered(added, first))
    },
    replace: () => replaceLive(connection, beside),
    drop: async () => {
      for (const statement of dropStatements(beside, INSPECTION_TABLES)) await run(connection, statement)
    },
  }
}

type NumberedInspection = { readonly inspection: Inspection; readonly number: number }

const numbered = (inspections: readonly Inspection[], first: number): readonly NumberedInspection[] =>
  inspections.map((inspection, index) => ({ inspection, number: first + index }))

function appendAll(
  connection: Connection,
  beside: RebuildTables,
  inspections: readonly NumberedInspection[],
): Promise<Result<void>> {
  const rowsOf = [
    [FILES, ({ file }: Inspection) => [file]] as const,
    ...LISTS.map(([table, list]) => [table, (inspection: Inspection) => inspection[list]] as const),
  ]
  const statements = rowsOf.flatMap(([table, rows]) => {
    const json = inspections.flatMap(({ inspection, number }) =>
      rows(inspection).map((row, place) => JSON.stringify(rebuiltValues(table, row, [number, place]))),
    )
    return [...jsonParts(json)].map((part) => () => commit(connection, appendStatement(beside, table, part)))
  })
  return inTurn(statements)
}

async function replaceLive(connection: Connection, beside: RebuildTables): Promise<Result<RebuildReport>> {
  const compared = await inTurn([
    () => run(connection, `DROP TABLE IF EXISTS ${beside.changes}`),
    () => run(connection, changesStatement(beside)),
  ])
  if (!compared.ok) return compared
  const counted = await run(connection, countStatement(beside))
  if (!counted.ok) return counted
  const [rows = 0, missing = 0, different = 0, orphaned = 0, lastPart = -1] = (counted.value[0] ?? []).map(Number)
  const parts = Array.from({ length: lastPart + 1 }, (_, part) => part)
  const applied = await inTurn(parts.map((part) => () => applyPart(connection, beside, part)))
  return applied.ok ? done({ rows, missing, different, orphaned }) : applied
}

/** Files last, as merging does: until then a repeat does all of it again. */
const applyPart = (connection: Connection, beside: RebuildTables, part: number): Promise<Result<void>> =>
  inTurn(
    [...LISTS.map(([table]) => applyListStatement(beside, table, part)), applyFilesStatement(beside, part)].map(
      (sql) => () => commit(connection, sql, AGAINST_A_STREAM),
    ),
  )

/**
 * Tables of one rebuild of the four tables about headers. A rebuilt row carries the number of its inspection and its place
 * in it: of several inspections of one version one stays, with just its rows.
 */
type RebuildTables = {
  readonly live: (table: InspectionTable) => string
  readonly rebuilt: (table: InspectionTable) => string
  /** Key and fingerprint of every live row of files at the start. */
  readonly before: string
  /** What has to be done to which version. */
  readonly changes: string
}

export const besideOf = (schema: TrinoSchema, id: string): RebuildTables => {
  const part = (name: string, table: InspectionTable): string =>
    tableName(schema, `rebuild_${id}_${name}_${table.name}`)
  return {
    live: ({ name }) => tableName(schema, name),
    rebuilt: (table) => part("rebuilt", table),
    before: part("before", FILES),
    changes: part("changes", FILES),
  }
}

/** Numbers of a rebuilt row beside its columns. */
const NUMBERS = '"inspection" bigint, "place" bigint'

/** A text that is equal exactly where all columns of two rows are equal; those that are never filled do not count. */
const fingerprint = (columns: readonly InspectionColumn[], prefix: string): string =>
  `to_hex(sha256(to_utf8(json_format(CAST(ARRAY[${columns
    .filter(({ kind }) => kind !== "vector")
    .map(({ name }) => `CAST(${prefix}.${identifier(name)} AS varchar)`)
    .join(", ")}] AS JSON)))))`

const filePrint = (prefix: string): string => fingerprint(FILES.columns, prefix)

/** Rows without a bucket are those of other programs that share the tables: never ours to change. */
const ours = (prefix: string): string => `${prefix}."s3_bucket" IS NOT NULL`

const startStatements = (beside: RebuildTables, tables: readonly InspectionTable[]): readonly string[] => [
  `CREATE TABLE ${beside.before} AS SELECT t."file_id", t."s3_bucket", ${filePrint("t")} AS "print" FROM ${beside.live(FILES)} AS t WHERE ${ours("t")}`,
  ...tables.map((table) => `CREATE TABLE ${beside.rebuilt(table)} (${typed(table.columns)}, ${NUMBERS})`),
]

/** Values of a row in the order of {@link appendStatement}. */
const rebuiltValues = ({ columns }: InspectionTable, row: object, numbers: readonly [number, number]) => [
  ...columns.map(({ name }) => (row as Readonly<Record<string, unknown>>)[name] ?? null),
  ...numbers,
]

const appendStatement = (beside: RebuildTables, table: InspectionTable, jsonRows: readonly string[]): string =>
  `INSERT INTO ${beside.rebuilt(table)} SELECT * FROM UNNEST(CAST(${jsonLiteral(jsonRows)} AS array(row(${typed(table.columns)}, ${NUMBERS}))))`

/** The inspection that stays of each version, as merging would have kept it. */
const kept = (beside: RebuildTables): string => {
  const columns = names(FILES.columns)
  const rest = FILES.columns.filter(({ name, kind }) => name !== "inspection_timestamp" && kind !== "vector")
  const latestFirst = ["inspection_timestamp", ...rest.map(({ name }) => name)].map((name) => {
    const column = FILES.columns.find((one) => one.name === name)
    const absent = { varchar: "''", boolean: "false" }[column === undefined ? "" : cellType(column)] ?? "0"
    return `coalesce(u.${identifier(name)}, ${absent}) DESC`
  })
  return `SELECT ${columns}, "inspection", ${filePrint("d")} AS "print" FROM (
    SELECT ${columns}, "inspection",
      row_number() OVER (PARTITION BY "file_id", "s3_bucket" ORDER BY ${latestFirst.join(", ")}, "inspection") AS "rank"
    FROM ${beside.rebuilt(FILES)} AS u) AS d WHERE "rank" = 1`
}

/** Rows of a list with how often each is in the rebuilt table and in the live one, where that differs. */
const differing = (beside: RebuildTables, table: InspectionTable): string => {
  const key = '"file_id", "s3_bucket"'
  const print = (prefix: string): string => `${fingerprint(table.columns, prefix)} AS "print"`
  return `SELECT ${key}, "print", sum("r") AS "r", sum("l") AS "l" FROM (
    SELECT u."file_id", u."s3_bucket", ${print("u")}, 1 AS "r", 0 AS "l"
      FROM (SELECT DISTINCT * FROM ${listRows(beside, table)}) AS u JOIN k ON k."inspection" = u."inspection"
    UNION ALL SELECT l."file_id", l."s3_bucket", ${print("l")}, 0, 1 FROM ${beside.live(table)} AS l WHERE ${ours("l")}) AS "both"
  GROUP BY ${key}, "print" HAVING sum("r") <> sum("l")`
}

/** Without the columns that are never filled: lists have no order, and cannot be told apart. */
const listRows = (beside: RebuildTables, { columns, ...table }: InspectionTable): string =>
  `(SELECT ${names(columns.filter(({ kind }) => kind !== "vector"))}, "inspection", "place" FROM ${beside.rebuilt({ columns, ...table })})`

/** Versions of one statement on the live tables. */
const VERSIONS_A_CHANGE = 1_000

/**
 * The versions whose rows differ, by what is to be done: as for other tables ({@link changesStatement} of
 * rebuild-sql.ts), one version as a whole. Of each it is counted how many rows of the lists are missing and orphaned.
 */
const changesStatement = (beside: RebuildTables): string => {
  const rows = LISTS.map(([table]) => `SELECT * FROM (${differing(beside, table)})`).join(" UNION ALL ")
  const others = FILES.columns.filter(({ name }) => name !== "file_id" && name !== "s3_bucket")
  return `CREATE TABLE ${beside.changes} AS
WITH k AS (${kept(beside)}),
t AS (SELECT ${names(FILES.columns)}, ${filePrint("l")} AS "print" FROM ${beside.live(FILES)} AS l WHERE ${ours("l")}),
d AS (SELECT "file_id", "s3_bucket", sum(greatest("r" - "l", 0)) AS "more", sum(greatest("l" - "r", 0)) AS "less" FROM (${rows}) GROUP BY "file_id", "s3_bucket"),
found AS (
  SELECT coalesce(k."file_id", t."file_id") AS "file_id", coalesce(k."s3_bucket", t."s3_bucket") AS "s3_bucket",
    ${names(others, "k.")}, k."inspection", t."print" AS "seen", coalesce(d."more", 0) AS "more", coalesce(d."less", 0) AS "less",
    CASE WHEN t."file_id" IS NULL THEN 'missing'
      WHEN k."file_id" IS NULL AND b."print" = t."print" THEN 'orphaned'
      WHEN k."print" <> t."print" AND (b."print" = t."print" OR ${isLater("k", "t")}) THEN 'different'
      WHEN k."print" = t."print" AND d."file_id" IS NOT NULL THEN 'lists'
    END AS "change"
  FROM k FULL OUTER JOIN t ON ${sameFile("k", "t")} LEFT JOIN ${beside.before} AS b ON ${sameFile("b", "t")}
    LEFT JOIN d ON d."file_id" = coalesce(k."file_id", t."file_id") AND d."s3_bucket" = coalesce(k."s3_bucket", t."s3_bucket"))
SELECT *, row_number() OVER () / ${VERSIONS_A_CHANGE} AS "part" FROM found WHERE "change" IS NOT NULL`
}

/** Rows rebuilt, missing, different and orphaned in all four tables together, and the number of the last part. */
const countStatement = (beside: RebuildTables): string => {
  const lists = LISTS.map(
    ([table]) =>
      `(SELECT count(*) FROM (SELECT DISTINCT "inspection", "place" FROM ${beside.rebuilt(table)}) AS u JOIN k ON k."inspection" = u."inspection")`,
  )
  return `WITH k AS (${kept(beside)})
SELECT (SELECT count(*) FROM k) + ${lists.join(" + ")},
  coalesce(sum("more"), 0) + count_if("change" = 'missing'), count_if("change" = 'different'),
  coalesce(sum("less"), 0) + count_if("change" = 'orphaned'), coalesce(max("part"), -1)
FROM ${beside.changes}`
}

/** The versions of a part whose live row is still the one that was seen, or older. */
const stillDue = (beside: RebuildTables, part: number): string =>
  `SELECT c.* FROM ${beside.changes} AS c LEFT JOIN ${beside.live(FILES)} AS f ON ${sameFile("f", "c")}
    WHERE c."part" = ${part} AND (f."file_id" IS NULL OR ${filePrint("f")} = c."seen" OR (c."change" <> 'orphaned' AND ${isLater("c", "f")}))`

/** Replaces the rows of a part's versions in one list's table. */
const applyListStatement = (beside: RebuildTables, table: InspectionTable, part: number): string => {
  const own = table.columns.filter(({ name }) => name !== "file_id" && name !== "s3_bucket")
  const nulls = own.map((column) => `CAST(NULL AS ${cellType(column)})`)
  return `MERGE INTO ${beside.live(table)} AS t USING (
  WITH due AS (${stillDue(beside, part)})
  SELECT "file_id", "s3_bucket", ${nulls.map((value, index) => `${value} AS ${identifier(own[index]?.name ?? "")}`).join(", ")}, true AS "gone" FROM due
  UNION ALL SELECT u."file_id", u."s3_bucket", ${names(own, "u.")}, false
    FROM ${onceEach(beside, table)} AS u JOIN due ON due."inspection" = u."inspection" AND due."change" <> 'orphaned') AS s
${replacing(table)}`
}

/** The rebuilt rows, each once also where a lost answer had one appended twice. */
const onceEach = (beside: RebuildTables, table: InspectionTable): string =>
  `(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY "inspection", "place") AS "copy" FROM ${beside.rebuilt(table)}) WHERE "copy" = 1)`

/** Replaces the rows of a part's versions in files, after their lists. */
const applyFilesStatement = (beside: RebuildTables, part: number): string => {
  const set = FILES.columns.filter(({ name }) => name !== "file_id" && name !== "s3_bucket")
  const isSeen = `${filePrint("t")} = s."seen"`
  return `MERGE INTO ${beside.live(FILES)} AS t
USING (SELECT * FROM ${beside.changes} WHERE "part" = ${part}) AS s ON ${sameFile("t", "s")}
WHEN MATCHED AND s."change" = 'orphaned' AND ${isSeen} THEN DELETE
WHEN MATCHED AND s."change" <> 'orphaned' AND (${isSeen} OR ${isLater("s", "t")})
  THEN UPDATE SET ${set.map(({ name }) => `${identifier(name)} = s.${identifier(name)}`).join(", ")}
WHEN NOT MATCHED AND s."change" <> 'orphaned' THEN INSERT (${names(FILES.columns)}) VALUES (${names(FILES.columns, "s.")})`
}

const dropStatements = (beside: RebuildTables, tables: readonly InspectionTable[]): readonly string[] =>
  [beside.before, beside.changes, ...tables.map(beside.rebuilt)].map((table) => `DROP TABLE IF EXISTS ${table}`)
