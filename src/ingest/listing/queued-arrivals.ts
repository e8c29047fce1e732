import { isOfElement, partitionKey } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import type { EventLog, LogEnd, StoredRecord, Topic } from "../../log/index.ts"
import type { Clock } from "../../system/clock.ts"
import type { ElementQuery, Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"

/** A consumer group, and the topics that it reads. */
export type GroupTopics = { readonly group: string; readonly topics: readonly Topic[] }

export type QueuePorts = {
  readonly log: Pick<EventLog, "lag" | "read" | "ends">
  readonly clock: Pick<Clock, "steadyMs">
  /** The groups that render what arrives. */
  readonly queues: readonly GroupTopics[]
  /** The projector, and the topics that tell what became of an arrival. */
  readonly results: GroupTopics
  /** How a record of the log and a row are known to be about the same. Default: by the arrival's id. */
  readonly naming?: RecordNaming
}

export type RecordNaming = {
  readonly ofRecord: (record: Pick<StoredRecord, "key" | "content">) => string | null
  readonly ofRow: (row: QueuedRow) => string
}

/** What identifies a row. */
export type QueuedRow = Pick<ElementRow, "element_id" | "bucket" | "key">

const BY_ELEMENT: RecordNaming = {
  ofRecord: ({ content }) =>
    "fact" in content && isOfElement(content.fact) ? content.fact.value.element.elementId : null,
  ofRow: ({ element_id: id }) => id,
}

/**
 * By the records' partition key, which can be read without any schema. A little too believing: a row whose own arrival is
 * lost counts as queued while another arrival of the same name, whatever its extension, still waits.
 */
export const BY_PARTITION_KEY: RecordNaming = { ofRecord: ({ key }) => key, ofRow: partitionKey }

/** Which arrivals the log still holds for their group. */
export type QueuedArrivals = {
  /**
   * Whether the arrival that a row tells of will still be heard: it is in the log at or beyond its group's position, or its
   * outcome is, at or beyond the projector's. False when neither is: the row would say `queued` for ever.
   */
  readonly holds: (row: QueuedRow) => Promise<Result<boolean>>
}

/** What was appended is looked for again at most this often: a bucket may have a hundred thousand lost rows. */
const LOOK_AGAIN_MS = 1_000

/**
 * Reads what lies between the groups' positions and the end of the log, once for all rows: it takes as long as there is a
 * backlog, and memory for the ids of as many elements. To be called before the rows are read: a row that is older than
 * this look might have been finished meanwhile. It needs no position in the rows, so it is right for topics that were
 * deleted and made anew, for offsets that were reset, and for rows of any age. Fails when the log does.
 */
export async function queuedArrivals(ports: QueuePorts): Promise<Result<QueuedArrivals>> {
  const { log, queues, results, clock, naming = BY_ELEMENT } = ports
  const ids = new Set<string>()
  const topics = queues.flatMap((queue) => queue.topics)
  const begin = await log.ends(topics)
  if (!begin.ok) return begin
  // The renderers first: an outcome is in the log before its arrival's group moves on.
  for (const { group, topics: read } of [...queues, results]) {
    const from = await positionsOf(log, group)
    const noted = from.ok ? await note({ log, naming }, ids, { topics: read, from: from.value }) : from
    if (!noted.ok) return noted
  }
  let seen = begin.value
  let lookedMs = Number.NEGATIVE_INFINITY
  const lookAgain = async (): Promise<Result<void>> => {
    lookedMs = clock.steadyMs()
    const now = await log.ends(topics)
    if (!now.ok) return now
    const noted = await note({ log, naming }, ids, newSince(seen, now.value))
    if (noted.ok) seen = now.value
    return noted
  }
  return done({
    holds: async (row) => {
      const id = naming.ofRow(row)
      if (ids.has(id) || clock.steadyMs() - lookedMs < LOOK_AGAIN_MS) return done(ids.has(id))
      const looked = await lookAgain()
      return looked.ok ? done(ids.has(id)) : looked
    },
  })
}

type LogStretch = { readonly topics: readonly Topic[]; readonly from: LogEnd }

/** Where the group stands; a position beyond the end is one of a topic that was made anew since. */
async function positionsOf({ lag }: Pick<EventLog, "lag">, group: string): Promise<Result<LogEnd>> {
  const lags = await lag(group)
  if (!lags.ok) return lags
  return done(
    lags.value.map(({ topic, partition, committed, end }) => ({
      topic,
      partition,
      offset: committed > end ? 0 : committed,
    })),
  )
}

async function note(
  { log: { read }, naming }: { readonly log: Pick<EventLog, "read">; readonly naming: RecordNaming },
  ids: Set<string>,
  { topics, from }: LogStretch,
): Promise<Result<void>> {
  for (const topic of topics) {
    for await (const record of read(topic, { from })) {
      if (!record.ok) return record
      const id = naming.ofRecord(record.value)
      if (id !== null) ids.add(id)
    }
  }
  return done(undefined)
}

/** Topics that have grown, and from where; one that is shorter than it was is another topic by the same name. */
function newSince(before: LogEnd, now: LogEnd): LogStretch {
  const changed = now.flatMap((end) => {
    const known = before.find(({ topic, partition }) => topic === end.topic && partition === end.partition)
    const offset = known?.offset ?? 0
    return offset === end.offset ? [] : [end.topic]
  })
  const from = before.filter((at) =>
    now.some(({ topic, partition, offset }) => topic === at.topic && partition === at.partition && offset >= at.offset),
  )
  return { topics: [...new Set(changed)], from }
}

/**
 * Rows that say `queued` although no group will ever hear of them: listing their bucket or `reprocess` queues them anew.
 * Fails when log or table does.
 */
export async function* lostRows(
  ports: QueuePorts & { readonly table: Pick<Table, "elements"> },
  query: Omit<ElementQuery, "states"> = {},
): AsyncGenerator<Result<ElementRow>> {
  const queued = await queuedArrivals(ports)
  if (!queued.ok) return yield queued
  for await (const row of ports.table.elements({ ...query, states: ["queued"] })) {
    const held = row.ok ? await queued.value.holds(row.value) : row
    if (!held.ok) yield held
    else if (row.ok && held.value === false) yield row
  }
}
