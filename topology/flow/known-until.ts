import { done, type Result } from "../../src/events/result.ts"
import type { Coordinates, EventLog } from "../../src/log/index.ts"

/** The time before which all records are read by all these groups; never, while one of them has read none. */
export async function knownUntil(log: EventLog, groups: readonly string[], nowMs: number): Promise<Result<number>> {
  let untilMs = nowMs
  for (const group of groups) {
    const lag = await log.lag(group)
    if (!lag.ok) return lag
    if (lag.value.length === 0) return done(Number.NEGATIVE_INFINITY)
    for (const { topic, partition, committed } of lag.value.filter(({ lag }) => lag > 0)) {
      const next = await firstAt(log, { topic, partition, offset: committed })
      if (!next.ok) return next
      untilMs = Math.min(untilMs, next.value ?? untilMs)
    }
  }
  return done(untilMs)
}

/** When the record at a place was taken in, or the next one of its partition. */
async function firstAt(log: EventLog, at: Coordinates): Promise<Result<number | null>> {
  const ends = await log.ends([at.topic])
  if (!ends.ok) return ends
  const from = ends.value.map((end) => (end.partition === at.partition ? at : end))
  for await (const record of log.read(at.topic, { from })) {
    if (!record.ok) return record
    if (record.value.at.partition === at.partition) return done(record.value.timestampMs)
  }
  return done(null)
}
