import { done, failed, failure, type Result } from "../../events/result.ts"
import type { Rebuild, RebuildReport, Rows } from "../index.ts"
import { inspectionRows } from "../rows.ts"
import { PROJECTIONS, type Projection, type Row, rowsOf } from "../sqlite-schema.ts"
import { storable } from "../storable.ts"
import { deduplicated, statementParts } from "./batch.ts"
import type { Connection } from "./connection.ts"
import { createStatement, ensureTables } from "./ensure.ts"
import { type InspectionRebuild, besideOf as inspectionsBeside, rebuildOfInspections } from "./inspection-rebuild.ts"
import {
  appendStatement,
  applyStatement,
  beforeStatement,
  besideOf,
  changesStatement,
  countStatement,
  dropStatements,
  type RebuildTables,
  rebuildBegunMs,
  rebuildId,
} from "./rebuild-sql.ts"
import { schemaName, type TrinoSchema } from "./sql.ts"
import { AGAINST_A_STREAM, commit, forEachProjection, inTurn, run } from "./statement.ts"

/** Rows gathered before they are written: every write is a commit with files of its own. */
const BATCH_ROWS = 5_000

/** No rebuild takes as long as this: what is left of an older one is of a dead one. */
const DEAD_AFTER_MS = 24 * 3600 * 1000

type Building = {
  readonly connection: Connection
  readonly schema: TrinoSchema
  readonly id: string
  readonly headers: InspectionRebuild
}

/**
 * Builds rows in tables beside the live ones, whose projector carries on. Replacing merges them: rows that are missing,
 * that differ, and that are there without a reason since before the start; what arrived meanwhile is left alone. The
 * projector's offsets are not moved: it has read on all the time. `ended` is called once.
 */
export async function startRebuild(
  connection: Connection,
  schema: TrinoSchema,
  ended: () => void,
): Promise<Result<Rebuild>> {
  const id = rebuildId(connection.clock.nowMs(), connection.random())
  const building = { connection, schema, id, headers: rebuildOfInspections(connection, inspectionsBeside(schema, id)) }
  const started = await start(building)
  if (!started.ok) {
    await dropAll(building)
    return started
  }
  let isOpen = true
  let gathered: Rows[] = []
  const flush = async (): Promise<Result<void>> => {
    const batch = gathered
    gathered = []
    return append(building, batch)
  }
  return done({
    merge: async (rows) => {
      const fitting = storable(rows)
      if (!fitting.ok) return fitting
      gathered.push(rows)
      return countOf(gathered) < BATCH_ROWS ? done(undefined) : flush()
    },
    replace: async () => {
      const flushed = await flush()
      return flushed.ok ? replaceLive(building) : flushed
    },
    close: async () => {
      if (!isOpen) return
      isOpen = false
      await dropAll(building)
      ended()
    },
  })
}

const countOf = (batch: readonly Rows[]): number =>
  batch.reduce(
    (sum, { proxyOutputs, elements, sequences = [], inspections = [] }) =>
      sum + proxyOutputs.length + elements.length + sequences.length + inspectionRows(inspections),
    0,
  )

const besideIn = ({ schema, id }: Building, projection: Projection): RebuildTables => besideOf(schema, projection, id)

async function start(building: Building): Promise<Result<unknown>> {
  const { connection, schema } = building
  const ensured = await ensureTables(connection, schema)
  if (!ensured.ok) return ensured
  // That leftovers cannot be seen or dropped is no reason not to rebuild.
  await dropDead(connection, schema)
  const headers = await building.headers.start()
  if (!headers.ok) return headers
  return forEachProjection((projection) => {
    const beside = besideIn(building, projection)
    return inTurn([
      () => run(connection, beforeStatement(projection, beside)),
      () => run(connection, createStatement(beside.rebuilt, projection)),
    ])
  })
}

/** Tables of rebuilds that died. */
export async function deadTables(connection: Connection, schema: TrinoSchema): Promise<Result<readonly string[]>> {
  const tables = await run(connection, `SHOW TABLES FROM ${schemaName(schema)} LIKE 'rebuild\\_%' ESCAPE '\\'`)
  if (!tables.ok) return tables
  const isDead = (name: string): boolean => {
    const begunMs = rebuildBegunMs(name)
    return begunMs !== null && connection.clock.nowMs() - begunMs > DEAD_AFTER_MS
  }
  return done(tables.value.map(([name]) => String(name)).filter(isDead))
}

/** Drops them, and gives their names. */
export async function dropDead(connection: Connection, schema: TrinoSchema): Promise<Result<readonly string[]>> {
  const dead = await deadTables(connection, schema)
  if (!dead.ok) return dead
  const dropped = await inTurn(
    dead.value.map((name) => () => run(connection, `DROP TABLE IF EXISTS ${schemaName(schema)}."${name}"`)),
  )
  return dropped.ok ? dead : dropped
}

async function dropAll(building: Building): Promise<void> {
  const statements = PROJECTIONS.flatMap((projection) => dropStatements(besideIn(building, projection)))
  for (const statement of statements) await run(building.connection, statement)
  await building.headers.drop()
}

async function append(building: Building, batch: readonly Rows[]): Promise<Result<void>> {
  const appended = await forEachProjection((projection) => {
    const rows = deduplicated(
      projection,
      batch.flatMap((one) => rowsOf(one, projection)),
    )
    return appendRows(building, projection, rows)
  })
  return appended.ok ? building.headers.append(batch.flatMap(({ inspections = [] }) => inspections)) : appended
}

/** A repeat after a lost answer adds the same rows again, which the comparison passes over. */
async function appendRows(building: Building, projection: Projection, rows: readonly Row[]): Promise<Result<void>> {
  const beside = besideIn(building, projection)
  const statements = [...statementParts(projection, rows)].map(
    (part) => () => commit(building.connection, appendStatement(projection, beside, part)),
  )
  return inTurn(statements)
}

async function replaceLive(building: Building): Promise<Result<RebuildReport>> {
  const reports = await forEachProjection((projection) => replaceOne(building, projection))
  if (!reports.ok) return reports
  const headers = await building.headers.replace()
  if (!headers.ok) return headers
  const all = [...reports.value, headers.value]
  const sum = (field: keyof RebuildReport): number => all.reduce((total, report) => total + report[field], 0)
  return done({ rows: sum("rows"), missing: sum("missing"), different: sum("different"), orphaned: sum("orphaned") })
}

async function replaceOne(
  { connection, ...building }: Building,
  projection: Projection,
): Promise<Result<RebuildReport>> {
  const beside = besideIn({ connection, ...building }, projection)
  const compared = await inTurn([
    () => run(connection, `DROP TABLE IF EXISTS ${beside.changes}`),
    () => run(connection, changesStatement(projection, beside)),
  ])
  if (!compared.ok) return compared
  const counted = await run(connection, countStatement(projection, beside))
  if (!counted.ok) return counted
  const [rows = 0, missing = 0, different = 0, orphaned = 0, lastPart = -1] = (counted.value[0] ?? []).map(Number)
  const parts = Array.from({ length: lastPart + 1 }, (_, part) => part)
  const applied = await inTurn(
    parts.map((part) => () => commit(connection, applyStatement(projection, beside, part), AGAINST_A_STREAM)),
  )
  return applied.ok ? done({ rows, missing, different, orphaned }) : applied
}

/** One rebuild at a time in this process; those of others have tables of their own. */
export const rebuildUnderWay = () =>
  failed(failure("table/conflict", "Another rebuild is under way: wait for its end."))
