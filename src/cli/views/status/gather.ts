import { queueOf } from "../../../deployment/queue.ts"
import { collect, done, type Result } from "../../../events/result.ts"
import { BY_PARTITION_KEY, type QueuedArrivals, queuedArrivals } from "../../../ingest/listing/queued-arrivals.ts"
import type { GroupPositions } from "../../../kafka/positions.ts"
import type { EventLog, Lag, Topic } from "../../../log/index.ts"
import type { Table } from "../../../table/index.ts"
import type { ElementRow } from "../../../table/rows.ts"
import type { SequenceRow } from "../../../table/sequence-rows.ts"
import type { Call } from "../../command.ts"
import { type ServerWait, sayingWaits, TABLE_ROWS, waitFor } from "../../server-waits.ts"
import { isSequence } from "../sequences.ts"

/** Access to the queue; on servers it needs neither schemas nor the registry. */
export type QueueSource = {
  readonly log: Pick<EventLog, "lag" | "read" | "ends">
  /** Every group that should be at work, also one that never began; empty for a folder, which has one process. */
  readonly groups: () => Promise<Result<readonly GroupPositions[]>>
}

/** The parts that status is made of, each there or not. */
export type StatusSources = {
  readonly table: Result<Pick<Table, "elements" | "sequences">>
  readonly queue: Result<QueueSource>
  readonly close: () => Promise<void>
}

/** How many frames are in which state, and how many failed with which code. */
export type Tally = {
  readonly states: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly oldestQueuedMs: number | null
  /** Rows that say queued although their arrival is in no queue any more; null where the queue was not looked through. */
  readonly unreachable: number | null
}

/** How far the groups are. */
export type Positions = {
  readonly lag: readonly WaitingPosition[]
  readonly groups: readonly GroupPositions[]
  /** Groups whose offsets stood still while they were looked at twice. */
  readonly still: readonly string[]
}

/** A part of the status that could not be shown, and why. */
export type MissingPart = {
  readonly part: "table" | "positions" | "queue"
  readonly code: string
  readonly says: string
}

export type GatheredStatus = {
  readonly tally: Tally | null
  /** In the order of their names, single frames left out. */
  readonly sequences: readonly SequenceRow[] | null
  readonly positions: Positions | null
  readonly missing: readonly MissingPart[]
}

/** Gathers every part of the status; a part that fails takes nothing from the others. */
export async function gather(call: Call, sources: StatusSources, bucket: string | undefined): Promise<GatheredStatus> {
  const missing: MissingPart[] = []
  const told = <T>(part: MissingPart["part"], result: Result<T>): T | null => {
    if (result.ok) return result.value
    missing.push({ part, code: result.failure.code, says: result.failure.says })
    return null
  }
  const queue = told("positions", sources.queue)
  const positions = queue === null ? null : told("positions", await positionsOf(call, queue))
  const table = told("table", sources.table)
  const isWorthIt =
    queue !== null && positions !== null && table !== null && backlogOf(positions) <= MOST_LOOKED_THROUGH
  const queued = isWorthIt ? told("queue", await lookThrough(call, queue)) : null
  const tally = table === null ? null : told("table", await tallyOf(call, { table, queued }, bucket))
  const rows = table === null ? null : told("table", await collect(sayingWaits(call, TABLE_ROWS, table.sequences())))
  const isShown = (row: SequenceRow): boolean => isSequence(row) && (bucket === undefined || row.bucket === bucket)
  return { tally, sequences: rows?.filter(isShown) ?? null, positions, missing }
}

const POSITIONS: ServerWait = {
  name: "positions of the groups, Kafka (KAFKA_BROKER)",
  code: "log/unreachable",
  mostMs: 20_000,
}

const QUEUE: ServerWait = { name: "what is queued, Kafka (KAFKA_BROKER)", code: "log/unreachable", mostMs: 60_000 }

/** Longest backlog that is searched for arrivals that are missing from it; a longer one would take minutes. */
const MOST_LOOKED_THROUGH = 200_000

const backlogOf = ({ lag }: Positions): number => lag.reduce((sum, one) => sum + one.lag, 0)

const lookThrough = (call: Call, { log }: QueueSource): Promise<Result<QueuedArrivals>> =>
  waitFor(call, QUEUE, queuedArrivals({ ...queueOf({ log, clock: call.clock }), naming: BY_PARTITION_KEY }))

async function positionsOf(call: Call, { log, groups }: QueueSource): Promise<Result<Positions>> {
  const looked = await waitFor(call, POSITIONS, look(log, groups))
  if (!looked.ok) return looked
  const again = await waitFor(call, POSITIONS, secondLook(call, log, looked.value.lag))
  return again.ok ? done({ ...looked.value, still: again.value }) : again
}

async function look(log: QueueSource["log"], groups: QueueSource["groups"]): Promise<Result<Omit<Positions, "still">>> {
  const [lag, known] = await Promise.all([log.lag(), groups()])
  if (!lag.ok) return lag
  if (!known.ok) return known
  const waiting = await withOldest(log, lag.value)
  return waiting.ok ? done({ lag: waiting.value, groups: known.value }) : waiting
}

/** A record that has waited less is assumed to be in progress. */
const WAITS_LONG_MS = 60_000
const SECOND_LOOK_AFTER_MS = 2_000

/** Groups with records that have waited long, none of whose offsets moves between two looks. */
async function secondLook(
  { clock }: Call,
  log: QueueSource["log"],
  lag: readonly WaitingPosition[],
): Promise<Result<readonly string[]>> {
  const longMs = clock.nowMs() - WAITS_LONG_MS
  const late = lag.filter(({ oldestUnacknowledgedMs: sinceMs }) => sinceMs !== null && sinceMs < longMs)
  if (late.length === 0) return done([])
  await clock.sleep(SECOND_LOOK_AFTER_MS)
  const second = await log.lag()
  if (!second.ok) return second
  const groups = [...new Set(late.map(({ group }) => group))]
  return done(groups.filter((group) => !lag.some((before) => before.group === group && hasMoved(before, second.value))))
}

const hasMoved = (before: Lag, now: readonly Lag[]): boolean =>
  now.some(
    ({ group, topic, partition, committed }) =>
      group === before.group &&
      topic === before.topic &&
      partition === before.partition &&
      committed !== before.committed,
  )

type Rows = { readonly table: Pick<Table, "elements">; readonly queued: QueuedArrivals | null }

async function tallyOf(call: Call, { table, queued }: Rows, bucket: string | undefined): Promise<Result<Tally>> {
  const states: Record<string, number> = { queued: 0, done: 0, failed: 0 }
  const failures: Record<string, number> = {}
  let oldestQueuedMs: number | null = null
  let unreachable = 0
  for await (const row of sayingWaits(call, TABLE_ROWS, table.elements(bucket === undefined ? {} : { bucket }))) {
    if (!row.ok) return row
    const { state, failure_code, changed_at_ms } = row.value
    if (state === "removed" || state === "dismissed") continue
    states[state] = (states[state] ?? 0) + 1
    if (failure_code !== null) failures[failure_code] = (failures[failure_code] ?? 0) + 1
    if (state !== "queued") continue
    oldestQueuedMs = Math.min(oldestQueuedMs ?? Number.POSITIVE_INFINITY, changed_at_ms)
    if (queued !== null && (await isLost(queued, row.value))) unreachable += 1
  }
  return done({ states, failures, oldestQueuedMs, unreachable: queued === null ? null : unreachable })
}

/** If the log cannot be read again, the row counts as reachable: its arrival may be a moment old. */
async function isLost({ holds }: QueuedArrivals, row: ElementRow): Promise<boolean> {
  const held = await holds(row)
  return held.ok && !held.value
}

/** A group's position, and since when its first record that is not done waits; null when none does, or it was not found. */
export type WaitingPosition = Lag & { readonly oldestUnacknowledgedMs: number | null }

/** Most records read from a topic: the positions of its partitions usually lie close together. */
const MOST_LOOKED_AT = 5_000

/** When the log took in the first record of each position that is not acknowledged, epoch milliseconds. */
export async function withOldest(
  log: Pick<EventLog, "read">,
  lags: readonly Lag[],
): Promise<Result<readonly WaitingPosition[]>> {
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
