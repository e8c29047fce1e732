/** What a workflow knows of the partitions that it holds: a fold of their records, and nothing else. */

import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { EventLog, HeldPartition, LogEnd, StoredRecord, Topic } from "../../src/log/index.ts"
import type { SpillingMap } from "../../src/system/spilling-map.ts"
import type { Tick, Workflow, WorkflowGroup } from "./workflow.ts"

/** How facts of the log are told to a workflow. */
export type Hearing<State, In, Out> = {
  readonly workflow: Workflow<State, In, Out>
  readonly consumed: Topic
  readonly fromLog: WorkflowGroup<State, In, Out>["fromLog"]
}

/** One partition, of the topic that is consumed and of those of the workflow's own facts, which have the same keys. */
export type HeldStates<State> = {
  readonly partition: number
  readonly lost: AbortSignal
  readonly states: SpillingMap<State>
  /** Keys whose state changed since their deadline was worked out. */
  readonly touched: Set<string>
  readonly deadlines: Map<string, number>
  /** The next offset of the consumed topic. */
  position: number
  /** The next offsets of topics that are read beside it. */
  readonly besides: Map<Topic, number>
  /** A tick that waits until all is read that was there when it came. */
  waiting: { readonly tick: Tick; readonly end: number } | null
}

const heldStates = <State>({ partition, lost }: HeldPartition, states: SpillingMap<State>): HeldStates<State> => ({
  ...{ partition, lost, states, touched: new Set(), deadlines: new Map() },
  ...{ position: 0, besides: new Map(), waiting: null },
})

/** A log, the topics that are read of it besides the consumed one, and where states are kept. */
type Reading<State> = {
  readonly log: EventLog
  readonly group: string
  readonly beside: readonly Topic[]
  readonly emits: readonly Topic[]
  readonly states: SpillingMap<State>
}

/**
 * Reads what there is of a partition: the consumed topic as far as the group has acknowledged it, since the rest is delivered;
 * those beside it, then the own facts, so that it is known what was said already. Reading it twice, or again as deliveries,
 * changes nothing: so are workflows.
 */
export async function foldPartition<State, In, Out>(
  hearing: Hearing<State, In, Out>,
  held: HeldPartition,
  { log, group, beside, emits, states: empty }: Reading<State>,
): Promise<Result<HeldStates<State>>> {
  const states = heldStates(held, empty)
  for (const topic of beside) states.besides.set(topic, 0)
  const further = [...beside, ...emits]
  const ends = await log.ends([held.topic, ...further])
  if (!ends.ok) return ends
  const partitions = (topic: Topic) => ends.value.filter((end) => end.topic === topic)
  const other = further.find((topic) => partitions(topic).length !== partitions(held.topic).length)
  if (other !== undefined) return failed(otherPartitions(other, held.topic))
  const acknowledged = await acknowledgedOf(held, { log, group })
  if (!acknowledged.ok) return acknowledged
  const read = await foldUntil(hearing, states, { log, offset: acknowledged.value })
  if (!read.ok) return read
  for (const topic of further) {
    const read = await foldFrom(hearing, states, { log, topic, offset: 0, ends: partitions(topic) })
    if (!read.ok) return read
  }
  return done(states)
}

async function acknowledgedOf(
  { topic, partition }: HeldPartition,
  { log, group }: Pick<Reading<unknown>, "log" | "group">,
): Promise<Result<number>> {
  const lag = await log.lag(group)
  if (!lag.ok) return lag
  return done(lag.value.find((one) => one.topic === topic && one.partition === partition)?.committed ?? 0)
}

/** Takes in what is not known yet of the consumed topic before an offset, where deliveries begin or go on. */
export async function foldUntil<State, In, Out>(
  hearing: Hearing<State, In, Out>,
  states: HeldStates<State>,
  { log, offset: until }: { readonly log: EventLog; readonly offset: number },
): Promise<Result<void>> {
  if (until <= states.position) return done(undefined)
  const topic = hearing.consumed
  const ends = await log.ends([topic])
  if (!ends.ok) return ends
  const read = await foldFrom(hearing, states, { log, topic, offset: states.position, until, ends: ends.value })
  if (read.ok) states.position = Math.max(states.position, until)
  return read
}

/** Takes in what has come to topics that are read beside the consumed one. */
export async function foldBesides<State, In, Out>(
  hearing: Hearing<State, In, Out>,
  states: HeldStates<State>,
  { log, ends }: { readonly log: EventLog; readonly ends: LogEnd },
): Promise<Result<void>> {
  for (const [topic, offset] of states.besides) {
    const partitions = ends.filter((end) => end.topic === topic)
    if (!partitions.some((end) => end.partition === states.partition && end.offset > offset)) continue
    const read = await foldFrom(hearing, states, { log, topic, offset, ends: partitions })
    if (!read.ok) return read
  }
  return done(undefined)
}

type Span = {
  readonly log: EventLog
  readonly topic: Topic
  readonly offset: number
  /** The first offset that is not read; absent: all are. */
  readonly until?: number
  readonly ends: LogEnd
}

/** The other partitions are read from their ends: not at all, but for what comes meanwhile. */
async function foldFrom<State, In, Out>(
  hearing: Hearing<State, In, Out>,
  states: HeldStates<State>,
  { log, topic, offset, until = Number.POSITIVE_INFINITY, ends }: Span,
): Promise<Result<void>> {
  const from = ends.map((end) => (end.partition === states.partition ? { ...end, offset } : end))
  for await (const record of log.read(topic, { from })) {
    if (!record.ok) return record
    if (record.value.at.partition !== states.partition) continue
    if (record.value.at.offset >= until) return done(undefined)
    const folded = fold(hearing, states, record.value)
    if (!folded.ok) return folded
  }
  return done(undefined)
}

const otherPartitions = (one: Topic, other: Topic) =>
  failure(
    "log/refused",
    `The topics ${one} and ${other} have not the same number of partitions: what belongs together would be split.`,
  )

/** Takes a record in, and notes how far its topic is read. */
function fold<State, In, Out>(
  { consumed, ...hearing }: Hearing<State, In, Out>,
  states: HeldStates<State>,
  { at, content, timestampMs }: StoredRecord,
): Result<void> {
  const fact = "fact" in content ? hearing.fromLog(content.fact) : null
  const taken = fact === null ? done(undefined) : evolve(hearing, states, { fact, atMs: timestampMs })
  if (!taken.ok) return taken
  if (at.topic === consumed) states.position = Math.max(states.position, at.offset + 1)
  const beside = states.besides.get(at.topic)
  if (beside !== undefined) states.besides.set(at.topic, Math.max(beside, at.offset + 1))
  return taken
}

/** Takes in what is not known yet: what was read already may be delivered, too. */
export function foldUnknown<State, In, Out>(
  hearing: Hearing<State, In, Out>,
  states: HeldStates<State>,
  records: readonly StoredRecord[],
): Result<void> {
  for (const record of records) {
    const folded = record.at.offset < states.position ? done(undefined) : fold(hearing, states, record)
    if (!folded.ok) return folded
  }
  return done(undefined)
}

/** Where it fails, it may be repeated: so are workflows. */
export function evolve<State, In, Out>(
  { workflow }: Pick<Hearing<State, In, Out>, "workflow">,
  { states, touched }: Pick<HeldStates<State>, "states" | "touched">,
  recorded: { readonly fact: In | Out; readonly atMs: number },
): Result<void> {
  const key = workflow.keyOf(recorded.fact)
  const known = states.get(key)
  if (!known.ok) return known
  touched.add(key)
  return states.set(key, workflow.evolve(known.value ?? workflow.initial(key), recorded))
}

/** States whose deadlines are worked out before others have their turn: states may be on disk, and revisions are hashes. */
const MOST_DEADLINES = 500

/** Works out deadlines that may have changed, so many at once. Whether others are left. */
export function workOutDeadlines<State, In, Out>(
  { workflow }: Pick<Hearing<State, In, Out>, "workflow">,
  { states, touched, deadlines }: Pick<HeldStates<State>, "states" | "touched" | "deadlines">,
): Result<boolean> {
  let left = MOST_DEADLINES
  for (const key of touched) {
    if (left-- === 0) return done(true)
    const state = states.get(key)
    if (!state.ok) return state
    const deadline = state.value === undefined ? null : workflow.deadlineOf(state.value)
    if (deadline === null) deadlines.delete(key)
    else deadlines.set(key, deadline)
    touched.delete(key)
  }
  return done(false)
}

/** Keys for which a tick may find something to say, as far as deadlines are worked out. */
export const dueKeys = ({ deadlines }: Pick<HeldStates<unknown>, "deadlines">, untilMs: number): readonly string[] =>
  [...deadlines].filter(([, deadline]) => deadline <= untilMs).map(([key]) => key)
