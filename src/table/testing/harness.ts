import { onTestFinished } from "vitest"
import type { Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { Rows, Table } from "../index.ts"
import type { ElementRow, ProxyOutputRow } from "../rows.ts"
import type { SequenceRow } from "../sequence-rows.ts"

/** One fresh table, not yet ensured, and what only its adapter can do to it. */
export type TableUnderTest = {
  readonly table: Table
  /** Another reader of the same rows, as a second process would be. */
  readonly reader: Table
  /** Makes proxy_outputs as a version did that did not know the last column yet. */
  makeOlder(): Promise<void>
  /** Next offset that the group reads, after a rebuild moved it; null where log and table do not share a database. */
  readonly positionOf: ((group: string, topic: "proxy-made") => Promise<number | null>) | null
  /** Puts the table out of reach until the returned function is called. */
  breakDown(): Promise<() => Promise<void>>
  dispose(): Promise<void>
}

export type OpenTable = () => Promise<TableUnderTest>

/** What an adapter cannot promise, or does its own way: data for the suite, printed with its name. */
export type TableLimits = {
  /** A text with NUL is kept; false: it is refused with table/refused. */
  readonly keepsNul: boolean
  /** Random orders of merging that are tried; 25 without it. Fewer where a merge takes long. */
  readonly orders?: number
  readonly deviations: readonly string[]
}

export type TableSuite = { readonly open: OpenTable; readonly limits: TableLimits }

/** Opens for one test, disposed after it. */
export const opener = (open: OpenTable, ensured: boolean) => async (): Promise<TableUnderTest> => {
  const opened = await open()
  onTestFinished(() => opened.dispose())
  if (ensured) unwrap(await opened.table.ensure())
  return opened
}

export const merge = async (table: { merge: Table["merge"] }, rows: Partial<Rows>): Promise<void> =>
  unwrap(await table.merge({ proxyOutputs: [], elements: [], ...rows }))

async function all<T>(rows: AsyncIterable<Result<T>>): Promise<T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(unwrap(row))
  return found
}

export const outputsOf = (table: Table): Promise<ProxyOutputRow[]> => all(table.proxyOutputs())

export const sequencesOf = (table: Table): Promise<SequenceRow[]> => all(table.sequences())

export const elementsOf = (table: Table, query?: Parameters<Table["elements"]>[0]): Promise<ElementRow[]> =>
  all(table.elements(query))
