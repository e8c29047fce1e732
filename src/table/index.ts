/** The projections as tables: the port that SQLite and Trino implement. */

import type { Result } from "../events/result.ts"
import type { LogEnd } from "../log/index.ts"
import type { PagedReads } from "./pages.ts"
import type { ElementRow, Inspection, ProxyOutputRow } from "./rows.ts"
import type { SequenceRow } from "./sequence-rows.ts"

export type Rows = {
  readonly proxyOutputs: readonly ProxyOutputRow[]
  readonly elements: readonly ElementRow[]
  /** Of files, parts, channels and attributes; absent where there are none. */
  readonly inspections?: readonly Inspection[]
  /** Absent where there are none. */
  readonly sequences?: readonly SequenceRow[]
}

export type ElementQuery = {
  readonly states?: readonly ElementRow["state"][]
  readonly bucket?: string
  readonly prefix?: string
}

/** What a rebuild found when it compared the rebuilt rows with the live ones. */
export type RebuildReport = {
  readonly rows: number
  readonly missing: number
  readonly different: number
  readonly orphaned: number
}

/** Rows built beside the live ones. Close it in any case; unless `replace` was called nothing changed. */
export interface Rebuild {
  merge(rows: Rows): Promise<Result<void>>
  /**
   * Puts the rebuilt rows in place of the live ones: in one transaction with the groups' offsets where log and table
   * share a database; elsewhere by merging into the live table, while its projectors carry on.
   */
  replace(...projectors: readonly { readonly group: string; readonly at: LogEnd }[]): Promise<Result<RebuildReport>>
  close(): Promise<void>
}

/**
 * The projections. Merging is a join: rows are last-writer-wins registers, so any order and any number of repeats gives
 * the same table. Fails: table/unreachable (outage), table/conflict (transient), table/refused.
 */
export interface Table extends PagedReads {
  /** Creates what is absent and adds appended columns; never drops or retypes. */
  ensure(): Promise<Result<void>>
  merge(rows: Rows): Promise<Result<void>>
  /** All rows, ordered by s3_bucket, s3_key, generated_timestamp. */
  proxyOutputs(): AsyncIterable<Result<ProxyOutputRow>>
  /** Of each live object the row that its outputs show, ordered by s3_bucket, s3_key: the view proxy_outputs_current. */
  currentOutputs(): AsyncIterable<Result<ProxyOutputRow>>
  /** Rows of elements, ordered by bucket, key. */
  elements(query?: ElementQuery): AsyncIterable<Result<ElementRow>>
  /** How many rows `elements` would give. */
  countElements(query?: ElementQuery): Promise<Result<number>>
  /** One element's row, null when there is none. */
  element(bucket: string, key: string): Promise<Result<ElementRow | null>>
  /** Rows of sequences, ordered by bucket, folder, head, tail. */
  sequences(): AsyncIterable<Result<SequenceRow>>
  /** All rows about the header of one version of one object, null when there are none. */
  inspection(bucket: string, fileId: string): Promise<Result<Inspection | null>>
  rebuild(): Promise<Result<Rebuild>>
  /** Tables that rebuilds left behind which died; never those of one that may be under way. */
  leftovers(): Promise<Result<readonly string[]>>
  /** Drops them, and gives their names. */
  dropLeftovers(): Promise<Result<readonly string[]>>
  close(): Promise<void>
}
