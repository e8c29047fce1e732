export type TrinoTimeouts = {
  /** For one HTTP request, milliseconds; Trino answers within seconds, finished or not. */
  readonly requestMs: number
  /** For a statement, and for each page of a scan, milliseconds. */
  readonly statementMs: number
  /** For what is checked at the start, milliseconds. */
  readonly startMs: number
}

export const DEFAULT_TIMEOUTS: TrinoTimeouts = { requestMs: 30_000, statementMs: 300_000, startMs: 12_000 }
