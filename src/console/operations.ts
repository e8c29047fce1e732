// What the server answers about how it goes.

/** Elements by their state. */
export type StatusAnswer = {
  readonly elements: Readonly<Partial<Record<"queued" | "done" | "failed" | "dismissed" | "removed", number>>>
}

export type GroupAnswer = {
  readonly name: string
  readonly consumes: readonly string[]
  readonly appends: readonly string[]
  /** Records that it has not acknowledged; null where nobody can tell. */
  readonly lag: number | null
  /** Records a second. */
  readonly rate: number | null
  readonly in_flight?: number | null
  readonly retries?: number | null
  /** What it waits for; null for nothing. */
  readonly outage?: string | null
}

export type TopologyAnswer = { readonly groups: readonly GroupAnswer[] }

export type FailureCodes = { readonly codes: readonly { readonly code: string; readonly count: number }[] }
