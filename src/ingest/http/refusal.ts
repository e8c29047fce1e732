/** Why a request is refused: the label of the metric. */
export const REFUSALS = {
  method: 405,
  connections: 503,
  address: 403,
  browser: 403,
  proof: 401,
  "slow-body": 408,
  "large-body": 413,
  records: 413,
  rate: 429,
  bucket: 403,
  "no-object": 404,
  unreadable: 422,
  outage: 500,
  bug: 500,
} as const

export type RefusalReason = keyof typeof REFUSALS

/** What a sender is told: a status, one sentence, and headers where the status has some. */
export type Refusal = {
  readonly reason: RefusalReason
  readonly says: string
  readonly headers?: Readonly<Record<string, string>>
  /** Where a bug is; for the log, not for the sender. */
  readonly stack?: string
}
