import { done, type Result } from "../../events/result.ts"
import type { RebuildReport } from "../index.ts"
import { FILES, INSPECTION_TABLES, LISTS } from "../inspection-columns.ts"
import type { Inspection } from "../rows.ts"
import { jsonParts } from "./batch.ts"
import type { Connection } from "./connection.ts"
import { inTurn } from "./each.ts"
import {
  appendStatement,
  applyFilesStatement,
  applyListStatement,
  type Beside,
  changesStatement,
  countStatement,
  dropStatements,
  rebuiltValues,
  startStatements,
} from "./inspection-rebuild-sql.ts"
import { AGAINST_A_STREAM, commit, run } from "./statement.ts"

/** Rebuilds files, parts, channels and attributes beside the live ones, and merges them into these. */
export type InspectionRebuild = {
  start(): Promise<Result<void>>
  append(inspections: readonly Inspection[]): Promise<Result<void>>
  replace(): Promise<Result<RebuildReport>>
  drop(): Promise<void>
}

export function rebuildOfInspections(connection: Connection, beside: Beside): InspectionRebuild {
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

type Numbered = { readonly inspection: Inspection; readonly number: number }

const numbered = (inspections: readonly Inspection[], first: number): readonly Numbered[] =>
  inspections.map((inspection, index) => ({ inspection, number: first + index }))

function appendAll(connection: Connection, beside: Beside, inspections: readonly Numbered[]): Promise<Result<void>> {
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

async function replaceLive(connection: Connection, beside: Beside): Promise<Result<RebuildReport>> {
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
const applyPart = (connection: Connection, beside: Beside, part: number): Promise<Result<void>> =>
  inTurn(
    [...LISTS.map(([table]) => applyListStatement(beside, table, part)), applyFilesStatement(beside, part)].map(
      (sql) => () => commit(connection, sql, AGAINST_A_STREAM),
    ),
  )
