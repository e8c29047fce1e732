import { done, type Result } from "../../../events/result.ts"
import type { EventLog, Lag, Topic } from "../../../log/index.ts"

/** A group's position, and since when its first record that is not done waits; null when none does, or it was not found. */
export type Waiting = Lag & { readonly oldestUnacknowledgedMs: number | null }

/** Most records looked at in a topic: positions of its partitions usually lie close together. */
const MOST_LOOKED_AT = 5_000

/** When the log took in the first record of each position that is not acknowledged, epoch milliseconds. */
export async function withOldest(
  log: Pick<EventLog, "read">,
  lags: readonly Lag[],
): Promise<Result<readonly Waiting[]>> {
  const behind = Map.groupBy(
    lags.filter(({ lag }) => lag > 0),
    ({ topic }) => topic,
  )
  const found = await Promise.all([...behind].map(([topic, each]) => firstTimes(log, topic, each)))
  const times = new Map<Lag, number>()
  for (const one of found) {
    if (!one.ok) return one
    for (const [lag, timestampMs] of one.value) times.set(lag, timestampMs)
  }
  return done(lags.map((lag) => ({ ...lag, oldestUnacknowledgedMs: times.get(lag) ?? null })))
}

async function firstTimes(
  log: Pick<EventLog, "read">,
  topic: Topic,
  behind: readonly Lag[],
): Promise<Result<ReadonlyMap<Lag, number>>> {
  const times = new Map<Lag, number>()
  let looked = 0
  for await (const record of log.read(topic, { from: Math.min(...behind.map(({ committed }) => committed)) })) {
    if (!record.ok) return record
    const { at, timestampMs } = record.value
    for (const lag of behind) {
      if (lag.partition === at.partition && lag.committed <= at.offset && !times.has(lag)) times.set(lag, timestampMs)
    }
    looked += 1
    if (times.size === behind.length || looked >= MOST_LOOKED_AT) break
  }
  return done(times)
}
