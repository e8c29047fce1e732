import { done, failed, failure, type Result } from "../../events/result.ts"
import { CURRENT_OUTPUTS, currentOutputsQuery } from "../current-outputs.ts"
import { INSPECTION_TABLES } from "../inspection-columns.ts"
import { ELEMENTS, PROJECTIONS, PROXY_OUTPUTS, type Projection } from "../sqlite-schema.ts"
import type { Connection } from "./connection.ts"
import { cellType, identifier, schemaName, type TrinoSchema, tableName, typed, typedList, typeOf } from "./sql.ts"
import { run } from "./statement.ts"

/** Types of a table's columns by name; null where there is no such table, or no such schema. */
type PresentColumns = ReadonlyMap<string, string> | null

const ABSENT = ["TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"]

/** How connectors say that there is no schema to create a table in. */
const NO_SCHEMA = ["SCHEMA_NOT_FOUND", "NOT_FOUND"]

/** A table as it should be: its columns in order, each with its type. */
type WantedTable = {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly create: (table: string) => string
}

const WANTED: readonly WantedTable[] = [
  ...PROJECTIONS.map((projection) => ({
    name: projection.name,
    columns: projection.columns.map((column) => ({ name: column.name, type: typeOf(column) })),
    create: (table: string) => createStatement(table, projection),
  })),
  ...INSPECTION_TABLES.map(({ name, columns }) => ({
    name,
    columns: columns.map((column) => ({ name: column.name, type: cellType(column) })),
    create: (table: string) => `CREATE TABLE IF NOT EXISTS ${table} (${typed(columns)})`,
  })),
]

/**
 * Creates the schema and the tables where they are absent and adds appended columns. Never drops or retypes. Refused where
 * a table that is there may not be written: a projector that finds out with its first rows has started in vain.
 */
export async function ensureTables(connection: Connection, schema: TrinoSchema): Promise<Result<void>> {
  for (const wanted of WANTED) {
    const present = await columnsOf(connection, schema, wanted.name)
    if (!present.ok) return present
    const ready =
      present.value === null
        ? await create(connection, schema, wanted)
        : await usable(connection, schema, { wanted, present: present.value })
    if (!ready.ok) return ready
  }
  return ensureCurrentOutputs(connection, schema)
}

/** Names of the tables that are absent, having changed nothing. Fails where one that is there may not be written. */
export async function checkTables(connection: Connection, schema: TrinoSchema): Promise<Result<readonly string[]>> {
  const absent: string[] = []
  for (const wanted of WANTED) {
    const table = tableName(schema, wanted.name)
    const present = await columnsOf(connection, schema, wanted.name)
    if (!present.ok) return present
    if (present.value === null) absent.push(wanted.name)
    else {
      const writable = await run(connection, writing(table, wanted))
      if (!writable.ok) return writable
    }
  }
  return done(absent)
}

/**
 * The view of what is current, for readers. Where the catalog has no views, or we may not make one, there is none: we do
 * not read it ourselves, and docs/tables.md gives its SQL.
 */
async function ensureCurrentOutputs(connection: Connection, schema: TrinoSchema): Promise<Result<void>> {
  const present = await columnsOf(connection, schema, CURRENT_OUTPUTS)
  if (!present.ok) return present
  if (present.value !== null) return done(undefined)
  const query = currentOutputsQuery(tableName(schema, PROXY_OUTPUTS.name), tableName(schema, ELEMENTS.name))
  const view = tableName(schema, CURRENT_OUTPUTS)
  const made = await run(connection, `CREATE OR REPLACE VIEW ${view} SECURITY INVOKER AS ${query}`)
  return made.ok || made.failure.kind !== "outage" ? done(undefined) : made
}

/** Asks for the table by its name: listings spell a slash in a schema as %2f. */
export async function columnsOf(
  connection: Connection,
  schema: TrinoSchema,
  name: string,
): Promise<Result<PresentColumns>> {
  const described = await run(connection, `DESCRIBE ${tableName(schema, name)}`)
  if (!described.ok) return ABSENT.includes(described.failure.errorName ?? "") ? done(null) : described
  return done(new Map(described.value.map(([column, type]) => [String(column), String(type)])))
}

/** The schema only with a table: an operator may have made it, and may not let us. */
async function create(connection: Connection, schema: TrinoSchema, wanted: WantedTable): Promise<Result<void>> {
  const statement = wanted.create(tableName(schema, wanted.name))
  const created = await run(connection, statement)
  if (created.ok || !NO_SCHEMA.includes(created.failure.errorName ?? "")) return settled(created)
  const made = await run(connection, `CREATE SCHEMA IF NOT EXISTS ${schemaName(schema)}`)
  return made.ok ? settled(await run(connection, statement)) : made
}

export const createStatement = (table: string, { columns }: Projection): string =>
  `CREATE TABLE IF NOT EXISTS ${table} (${typedList(columns)})`

type FoundTable = { readonly wanted: WantedTable; readonly present: NonNullable<PresentColumns> }

async function usable(connection: Connection, schema: TrinoSchema, found: FoundTable): Promise<Result<void>> {
  const complete = await append(connection, schema, found)
  return complete.ok
    ? settled(await run(connection, writing(tableName(schema, found.wanted.name), found.wanted)))
    : complete
}

/** Asks, without doing anything, whether rows may be read, added, changed and removed. */
function writing(table: string, { columns }: WantedTable): string {
  const [first = "", second = first] = columns.map(({ name }) => identifier(name))
  const all = columns.map(({ name }) => identifier(name))
  return `EXPLAIN (TYPE VALIDATE) MERGE INTO ${table} AS t USING ${table} AS s ON t.${first} = s.${first}
WHEN MATCHED AND t.${first} IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET ${second} = s.${second}
WHEN NOT MATCHED THEN INSERT (${all.join(", ")}) VALUES (${all.map((name) => `s.${name}`).join(", ")})`
}

async function append(
  connection: Connection,
  schema: TrinoSchema,
  { wanted, present }: FoundTable,
): Promise<Result<void>> {
  const table = tableName(schema, wanted.name)
  const other = wanted.columns.find((column) => present.has(column.name) && !isOfType(column, present))
  if (other !== undefined)
    return failed(
      failure(
        "table/refused",
        `The column ${other.name} of ${table} is ${present.get(other.name)}, not ${other.type}: another program made this table.`,
      ),
    )
  for (const column of wanted.columns.filter(({ name }) => !present.has(name))) {
    const added = `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${identifier(column.name)} ${column.type}`
    const result = await run(connection, added)
    if (!result.ok) return result
  }
  return done(undefined)
}

/** A limit on a text's length is the operator's affair. */
const isOfType = ({ name, type }: WantedTable["columns"][number], present: NonNullable<PresentColumns>): boolean =>
  present.get(name)?.replace(/\(\d+\)$/, "") === type

const settled = (result: Result<unknown>): Result<void> => (result.ok ? done(undefined) : result)
