import { done, type Result } from "../../events/result.ts"
import { FILES, type InspectionColumn, type InspectionTable, LISTS } from "../inspection-columns.ts"
import type { FileRow, Inspection } from "../rows.ts"
import { type PartLimits, partsOf } from "./batch.ts"
import type { Connection } from "./connection.ts"
import { cellType, identifier, jsonLiteral, names, type TrinoSchema, tableName, typed } from "./sql.ts"
import { commit } from "./statement.ts"

/** A statement may have 1,000,000 characters; what surrounds the rows, and quotes that are doubled, is below the rest. */
const LIMITS: PartLimits<InspectionJson> = {
  charactersOf: ({ lists }) => Math.max(...Object.values(lists).map(({ length }) => length)) * 1.1,
  mostCharacters: 900_000,
  most: 500,
}

/** A file's columns, and its rows of each other table, as JSON. */
type InspectionJson = { readonly file: FileRow; readonly lists: Readonly<Record<List, string>> }

/** One after the other: all of a batch at once would be many megabytes. */
function* spelled(inspections: readonly Inspection[]): Generator<InspectionJson> {
  for (const inspection of inspections) {
    const lists = LISTS.map(([table, list]) => [list, jsonOf(inspection, table, list)] as const)
    yield { file: inspection.file, lists: Object.fromEntries(lists) as Record<List, string> }
  }
}

/**
 * Merges inspections, files last: who finds a file there finds its other rows. Each table is replaced for all files of a
 * part in one commit, and only where the inspection is later than the one that files holds: safe to repeat.
 */
export async function mergeInspections(
  connection: Connection,
  schema: TrinoSchema,
  inspections: readonly Inspection[],
): Promise<Result<void>> {
  for (const part of partsOf(spelled(latestOf(inspections)), LIMITS)) {
    const children = await Promise.all(
      LISTS.map(([table, list]) => commit(connection, childStatement(schema, table, rowsJson(part, list)))),
    )
    const merged = children.find((child) => !child.ok) ?? (await commit(connection, fileStatement(schema, part)))
    if (!merged.ok) return merged
  }
  return done(undefined)
}

/** Of several inspections of one version the later one: a merge may meet each row once. */
function latestOf(inspections: readonly Inspection[]): readonly Inspection[] {
  const latest = new Map<string, Inspection>()
  for (const inspection of inspections) {
    const key = JSON.stringify([inspection.file.s3_bucket, inspection.file.file_id])
    const known = latest.get(key)
    if (known === undefined || rankOf(inspection.file) > rankOf(known.file)) latest.set(key, inspection)
  }
  return [...latest.values()]
}

const rankOf = (file: FileRow): string => [file.inspection_timestamp, file.header_hash, JSON.stringify(file)].join("|")

/** Said once a file, not with each of its rows. */
const SHARED: ReadonlySet<string> = new Set(["file_id", "file_path", "s3_bucket"])

const ownColumns = ({ columns }: InspectionTable): readonly InspectionColumn[] =>
  columns.filter(({ name }) => !SHARED.has(name))

const cells = (columns: readonly InspectionColumn[], row: object): readonly unknown[] =>
  columns.map(({ name }) => (row as Readonly<Record<string, unknown>>)[name] ?? null)

type List = (typeof LISTS)[number][1]

/** A file's own columns, and its rows of one table behind a mark that says to remove those that are there. */
function jsonOf(inspection: Inspection, table: InspectionTable, list: List): string {
  const own = ownColumns(table)
  const mark = [true, ...own.map(() => null)]
  const rows = inspection[list].map((row) => [false, ...cells(own, row)])
  return JSON.stringify([...cells(FILES.columns, inspection.file), [mark, ...rows]])
}

const rowsJson = (part: readonly InspectionJson[], list: List): readonly string[] =>
  part.map(({ lists }) => lists[list])

/** A value that can be compared, also in a column that was added after the row was written. */
function compared(column: InspectionColumn, prefix: string): string {
  const absent = { varchar: "''", boolean: "false" }[cellType(column)] ?? "0"
  return `coalesce(${prefix}.${identifier(column.name)}, ${absent})`
}

/** Columns of files in the order that decides which of two inspections of one version stays. */
const decisive = (prefix: string): string => {
  const timestamp = FILES.columns.filter(({ name }) => name === "inspection_timestamp")
  const rest = FILES.columns.filter(({ name, kind }) => name !== "inspection_timestamp" && kind !== "vector")
  return `ROW(${[...timestamp, ...rest].map((column) => compared(column, prefix)).join(", ")})`
}

export const isLater = (a: string, b: string): string => `${decisive(a)} > ${decisive(b)}`

export const sameFile = (a: string, b: string): string =>
  `${a}."file_id" = ${b}."file_id" AND ${a}."s3_bucket" = ${b}."s3_bucket"`

export const childStatement = (schema: TrinoSchema, table: InspectionTable, rows: readonly string[]): string => {
  const own = ownColumns(table)
  return `MERGE INTO ${tableName(schema, table.name)} AS t USING (
  SELECT n."file_id", n."file_path", n."s3_bucket", r.* FROM (
    SELECT j.* FROM UNNEST(CAST(${jsonLiteral(rows)} AS array(row(${typed(FILES.columns)}, "rows" array(row("gone" boolean, ${typed(own)}))))))
      AS j (${names(FILES.columns)}, "rows")
    LEFT JOIN ${tableName(schema, FILES.name)} AS f ON ${sameFile("f", "j")}
    WHERE f."file_id" IS NULL OR ${isLater("j", "f")}) AS n
  CROSS JOIN UNNEST(n."rows") AS r ("gone", ${names(own)})) AS s
${replacing(table)}`
}

/** Rows of the files that `s` marks as gone go, and the others of `s` come, in one commit. */
export const replacing = ({ columns }: InspectionTable): string =>
  `ON ${sameFile("t", "s")} AND s."gone"
WHEN MATCHED THEN DELETE
WHEN NOT MATCHED AND NOT s."gone" THEN INSERT (${names(columns)}) VALUES (${names(columns, "s.")})`

const fileStatement = (schema: TrinoSchema, part: readonly InspectionJson[]): string => {
  const rows = part.map(({ file }) => JSON.stringify(cells(FILES.columns, file)))
  const set = FILES.columns.filter(({ name }) => name !== "file_id" && name !== "s3_bucket")
  return `MERGE INTO ${tableName(schema, FILES.name)} AS t
USING UNNEST(CAST(${jsonLiteral(rows)} AS array(row(${typed(FILES.columns)})))) AS s (${names(FILES.columns)})
ON ${sameFile("t", "s")}
WHEN MATCHED AND ${isLater("s", "t")} THEN UPDATE SET ${set.map(({ name }) => `${identifier(name)} = s.${identifier(name)}`).join(", ")}
WHEN NOT MATCHED THEN INSERT (${names(FILES.columns)}) VALUES (${names(FILES.columns, "s.")})`
}
