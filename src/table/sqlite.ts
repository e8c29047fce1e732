import type { DatabaseSync } from "node:sqlite"
import { setImmediate as nextTurn } from "node:timers/promises"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import { sqliteFailure } from "../state/sqlite-failure.ts"
import { currentOutputsQuery } from "./current-outputs.ts"
import type { ElementQuery, Table } from "./index.ts"
import type { ElementRow, ProxyOutputRow } from "./rows.ts"
import type { SequenceRow } from "./sequence-rows.ts"
import { ensureInspectionKeys, ensureInspectionTables, mergeInspections, readInspection } from "./sqlite-inspections.ts"
import { pagedReads } from "./sqlite-pages.ts"
import { dropShadows, leftoverTables, startRebuild } from "./sqlite-rebuild.ts"
import {
  ELEMENTS,
  ensureColumns,
  ensureCurrentOutputs,
  ensureIndexes,
  ensureKeys,
  mergeRows,
  PROXY_OUTPUTS,
  SEQUENCES,
  selectList,
} from "./sqlite-schema.ts"
import { ensureTiles } from "./sqlite-tiles.ts"
import { storable } from "./storable.ts"

/** Rows read before timers and signals have their turn. */
const BREATH_ROWS = 1000

/**
 * The projections inside a {@link State}, beside the log that they are rebuilt from. In read mode writing fails
 * table/refused. Closing the table leaves the state open.
 */
export function openSqliteTable({ state }: { state: State }): Table {
  let rebuilding = false
  return {
    ensure: () => state.write("table", () => ensureTables(state)),
    merge: async (rows) => {
      const fitting = storable(rows)
      if (!fitting.ok) return fitting
      return state.write("table", () => {
        mergeRows(state, rows)
        mergeInspections(state, rows.inspections ?? [])
      })
    },
    proxyOutputs: () =>
      scan<ProxyOutputRow>(
        state,
        `SELECT ${selectList(PROXY_OUTPUTS)} FROM proxy_outputs ORDER BY s3_bucket, s3_key, generated_timestamp, proxy_id`,
      ),
    currentOutputs: () =>
      scan<ProxyOutputRow>(
        state,
        `${currentOutputsQuery(PROXY_OUTPUTS.name, ELEMENTS.name)} ORDER BY s3_bucket, s3_key`,
      ),
    ...elementReads(state),
    ...pagedReads(state),
    sequences: () =>
      scan<SequenceRow>(state, `SELECT ${selectList(SEQUENCES)} FROM sequences ORDER BY bucket, folder, head, tail`),
    inspection: async (bucket, fileId) => readInspection(state, bucket, fileId),
    rebuild: async () => {
      if (rebuilding) return failed(failure("table/conflict", "Another rebuild is under way: wait for its end."))
      const started = await startRebuild(state, () => {
        rebuilding = false
      })
      rebuilding = started.ok
      return started
    },
    leftovers: async () => (rebuilding ? done([]) : state.read("table", () => leftoverTables(state))),
    dropLeftovers: async () =>
      rebuilding
        ? done([])
        : state.write("table", () => {
            const names = leftoverTables(state)
            dropShadows(state)
            return names
          }),
    close: async () => undefined,
  }
}

function elementReads(state: State): Pick<Table, "elements" | "countElements" | "element"> {
  return {
    elements: (query = {}) => {
      const { where, values } = condition(query)
      return scan<ElementRow>(
        state,
        `SELECT ${selectList(ELEMENTS)} FROM elements ${where} ORDER BY bucket, key`,
        values,
      )
    },
    countElements: async (query = {}) =>
      state.read("table", () => {
        const { where, values } = condition(query)
        const counted = state.sql(`SELECT count(*) AS rows FROM elements ${where}`).get(...values)
        return Number(counted?.rows)
      }),
    element: async (bucket, key) =>
      state.read("table", () => {
        const row = state
          .sql(`SELECT ${selectList(ELEMENTS)} FROM elements WHERE bucket = ? AND key = ?`)
          .get(bucket, key)
        return row === undefined ? null : ({ ...row } as unknown as ElementRow)
      }),
  }
}

function ensureTables(state: State): void {
  ensureColumns(state)
  ensureInspectionTables(state)
  ensureKeys(state)
  ensureInspectionKeys(state)
  ensureIndexes(state)
  ensureTiles(state)
  ensureCurrentOutputs(state)
}

function condition({ states, bucket, prefix }: ElementQuery): {
  readonly where: string
  readonly values: readonly string[]
} {
  const parts: string[] = []
  const values: string[] = []
  if (states !== undefined) {
    parts.push(`state IN (${states.map(() => "?").join(", ")})`)
    values.push(...states)
  }
  if (bucket !== undefined) {
    parts.push("bucket = ?")
    values.push(bucket)
  }
  if (prefix !== undefined) {
    // The first comparison lets the key's order skip ahead, the second is the condition.
    parts.push("key >= ? AND substr(key, 1, length(?)) = ?")
    values.push(prefix, prefix, prefix)
  }
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values }
}

/** Rows as they are at the first one's moment, whatever is merged or replaced meanwhile. */
async function* scan<Row>(state: State, query: string, values: readonly string[] = []): AsyncGenerator<Result<Row>> {
  let snapshot: DatabaseSync | null = null
  try {
    snapshot = state.snapshot()
    let count = 0
    for (const row of snapshot.prepare(query).iterate(...values)) {
      yield done({ ...row } as Row)
      if (++count % BREATH_ROWS === 0) await nextTurn()
    }
  } catch (error) {
    yield failed(sqliteFailure("table", error))
  } finally {
    snapshot?.close()
  }
}
