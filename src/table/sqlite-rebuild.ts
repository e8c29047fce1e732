import { done, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import type { Rebuild, RebuildReport, Rows } from "./index.ts"
import { INSPECTION_TABLES } from "./inspection-columns.ts"
import { inspectionRows } from "./rows.ts"
import {
  compareInspections,
  createRebuiltInspections,
  dropRebuiltInspections,
  ensureInspectionKeys,
  ensureInspectionTables,
  gatherInspections,
  keepLatestInspections,
} from "./sqlite-inspections.ts"
import {
  createHeapStatement,
  createStatement,
  dedupeStatement,
  ensureColumns,
  ensureIndexes,
  ensureKeys,
  gatheredOf,
  mergeAllStatement,
  namesOf,
  PROJECTIONS,
  type Projection,
  putRebuilt,
  shadowOf,
} from "./sqlite-schema.ts"
import { ensureTiles } from "./sqlite-tiles.ts"
import { storable } from "./storable.ts"

/** Rows gathered before they are written: one wait for the disk for many of them. */
const BATCH_ROWS = 10_000

/**
 * Tables beside the live ones. Replacing compares, swaps and moves the group's offsets in one transaction, so that a
 * reader sees the old table or the new one. Leftovers of a rebuild that died are dropped. `ended` is called once.
 */
export async function startRebuild(state: State, ended: () => void): Promise<Result<Rebuild>> {
  const started = await state.write("table", () => createShadows(state))
  if (!started.ok) return started
  let open = true
  let gathered: Rows[] = []
  const write = <T>(then: () => T): Promise<Result<T>> => {
    const batch = gathered
    gathered = []
    return state.write("table", () => {
      for (const rows of batch) {
        putRebuilt(state, rows)
        gatherInspections(state, rows.inspections ?? [])
      }
      return then()
    })
  }
  const end = (): void => {
    if (open) ended()
    open = false
  }
  return done({
    merge: async (rows) => {
      const fitting = storable(rows)
      if (!fitting.ok) return fitting
      gathered.push(rows)
      return countOf(gathered) < BATCH_ROWS ? done(undefined) : write(() => undefined)
    },
    replace: async (...projectors) => {
      const replaced = await write(() => {
        const report = swap(state)
        for (const { group, at } of projectors) {
          for (const { topic, offset } of at) state.groups.rewind(group, topic, offset)
        }
        return report
      })
      if (replaced.ok) end()
      return replaced
    },
    close: async () => {
      if (!open) return
      await state.write("table", () => dropShadows(state))
      end()
    },
  })
}

const countOf = (batch: readonly Rows[]): number =>
  batch.reduce(
    (sum, { proxyOutputs, elements, sequences = [], inspections = [] }) =>
      sum + proxyOutputs.length + elements.length + sequences.length + inspectionRows(inspections),
    0,
  )

function createShadows(state: State): void {
  dropShadows(state)
  for (const projection of PROJECTIONS) state.sql(createHeapStatement(projection, gatheredOf(projection))).run()
  createRebuiltInspections(state)
}

/** Names of the tables of a rebuild that are there. */
export const leftoverTables = ({ sql }: State): readonly string[] => {
  const names = [...PROJECTIONS.map(gatheredOf), ...[...PROJECTIONS, ...INSPECTION_TABLES].map(shadowOf)]
  return sql("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => names.includes(name))
}

/** Inside a write. */
export function dropShadows(state: State): void {
  for (const projection of PROJECTIONS) {
    state.sql(`DROP TABLE IF EXISTS ${gatheredOf(projection)}`).run()
    state.sql(`DROP TABLE IF EXISTS ${shadowOf(projection)}`).run()
  }
  dropRebuiltInspections(state)
}

function swap(state: State): RebuildReport {
  ensureColumns(state)
  ensureInspectionTables(state)
  for (const projection of PROJECTIONS) oneRowAKey(state, projection)
  keepLatestInspections(state)
  const reports = [...PROJECTIONS.map((projection) => compare(state, projection)), ...compareInspections(state)]
  for (const table of [...PROJECTIONS, ...INSPECTION_TABLES]) swapOne(state, table)
  ensureKeys(state)
  ensureInspectionKeys(state)
  ensureIndexes(state)
  ensureTiles(state)
  const sum = (field: keyof RebuildReport): number => reports.reduce((total, report) => total + report[field], 0)
  return { rows: sum("rows"), missing: sum("missing"), different: sum("different"), orphaned: sum("orphaned") }
}

/** What was only appended so far becomes the table that takes the live one's place; in key order where it is kept so. */
function oneRowAKey({ sql }: State, projection: Projection): void {
  if (projection.storage === "heap") {
    sql(dedupeStatement(projection, shadowOf(projection))).run()
    return
  }
  sql(createStatement(projection, shadowOf(projection))).run()
  sql(mergeAllStatement(projection, gatheredOf(projection), shadowOf(projection))).run()
  sql(`DROP TABLE ${gatheredOf(projection)}`).run()
}

function compare({ sql }: State, projection: Projection): RebuildReport {
  const names = (table: string): string =>
    namesOf(projection)
      .map((name) => `${table}."${name}"`)
      .join(", ")
  const same = projection.key.map((name) => `live."${name}" = rebuilt."${name}"`).join(" AND ")
  const found = sql(
    `SELECT count(*) AS rows, count(live."${projection.key[0]}") AS matched,
       coalesce(sum(live."${projection.key[0]}" IS NOT NULL AND (${names("live")}) IS NOT (${names("rebuilt")})), 0) AS different
     FROM ${shadowOf(projection)} AS rebuilt LEFT JOIN ${projection.name} AS live ON ${same}`,
  ).get()
  const live = Number(sql(`SELECT count(*) AS rows FROM ${projection.name}`).get()?.rows)
  const [rows, matched, different] = [Number(found?.rows), Number(found?.matched), Number(found?.different)]
  return { rows, missing: rows - matched, different, orphaned: live - matched }
}

/** Views and indexes that people made for their own questions stay. */
function swapOne({ sql }: State, table: { readonly name: string }): void {
  const indexes = sql("SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL").all(
    table.name,
  )
  sql(`DROP TABLE ${table.name}`).run()
  sql(`ALTER TABLE ${shadowOf(table)} RENAME TO ${table.name}`).run()
  for (const { sql: definition } of indexes) sql(String(definition)).run()
}
