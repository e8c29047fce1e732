import type { LeastPace } from "../../network/transfer-pace.ts"

export type S3Timeouts = {
  /** Until a connection stands, milliseconds. */
  readonly connectMs: number
  /** Without a byte in either direction, milliseconds; an answer may take longer as a whole. */
  readonly idleMs: number
  /** For everything that is checked at the start, milliseconds. */
  readonly startMs: number
  /** How fast the body of an answer has to come. */
  readonly pace: LeastPace
}

export const DEFAULT_TIMEOUTS: S3Timeouts = {
  connectMs: 5_000,
  idleMs: 30_000,
  startMs: 12_000,
  pace: { leastBytesPerSecond: 1024, windowMs: 30_000 },
}
