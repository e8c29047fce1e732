import { setImmediate as nextTurn } from "node:timers/promises"
import type { Decode } from "../events/codec.ts"
import { failed, failure, type Result } from "../events/result.ts"
import { OFFSETS_PER_TOPIC } from "../state/database-file.ts"
import type { State } from "../state/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Lag, StoredRecord, Topic } from "./index.ts"
import type { PartitionTracker } from "./partition-tracker.ts"
import {
  type Change,
  decodeRecord,
  type EncodedRecord,
  type EncodedRecordAt,
  type Finished,
  type Page,
  type PageFilter,
  type Storage,
} from "./storage.ts"

/** How often a process that only reads looks for what the owner wrote, milliseconds. */
const POLL_MS = 50

/** The storage of an embedded log inside a {@link State}. */
export function sqliteStorage(state: State, clock: Clock, decode: Decode): Storage {
  const { groups } = state
  const end = state.mode === "own" ? knownEnds(state) : (topic: Topic) => endOf(state, topic)
  return {
    page: (page) => state.read("log", () => recordsOf(state, page, decode)),
    keys: (page) => state.read("log", () => keysOf(state, page)),
    end: (topic) => state.read("log", () => end(topic)),
    join: (group, topics) =>
      state.write("log", () =>
        topics.map((topic) => {
          groups.join(group, topic)
          return { topic, position: groups.committed(group, topic) ?? 0, lost: groups.claim(group, topic) }
        }),
      ),
    change: changer(state, clock),
    lag: (group) => state.read("log", () => lagOf(state, group)),
    onChange: state.onCommit,
    pollMs: state.mode === "own" ? null : POLL_MS,
    nextTurn: () => nextTurn(),
  }
}

const numberOf = ({ topics }: State, topic: Topic): number => {
  const found = topics.get(topic)
  if (found === undefined) throw new Error(`log: the state knows no topic ${topic}`)
  return found
}

function recordsOf(state: State, page: Page, decode: Decode): StoredRecord[] {
  const { topic, from, until, sinceMs, untilMs = Number.MAX_SAFE_INTEGER, key, limit } = page
  const base = numberOf(state, topic) * OFFSETS_PER_TOPIC
  const range = [base + from, base + until, sinceMs, untilMs]
  const select = state.sql(key === undefined ? SELECT_RANGE : SELECT_KEY)
  select.setReturnArrays(true)
  const values = key === undefined ? [...range, limit] : [...range, key, limit]
  const rows = select.all(...values) as unknown as readonly RecordRow[]
  return rows.map((row) => decodeRecord(encodedRecordAt(topic, base, row), decode))
}

const SELECT_RANGE =
  "SELECT id, ts, k, h, v FROM record WHERE id >= ? AND id < ? AND ts >= ? AND ts < ? ORDER BY id LIMIT ?"

const SELECT_KEY =
  "SELECT id, ts, k, h, v FROM record INDEXED BY record_key WHERE id >= ? AND id < ? AND ts >= ? AND ts < ? AND k = ? ORDER BY id LIMIT ?"

function keysOf(state: State, { topic, from, until, limit }: Omit<Page, keyof PageFilter>) {
  const base = numberOf(state, topic) * OFFSETS_PER_TOPIC
  const select = state.sql("SELECT id, k FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT ?")
  select.setReturnArrays(true)
  const rows = select.all(base + from, base + until, limit) as unknown as readonly [id: number, k: string | null][]
  return rows.map(([id, key]) => ({ offset: id - base, key }))
}

/** As selected: the table is STRICT, so these are its types. */
type RecordRow = readonly [id: number, ts: number, k: string | null, h: string | null, v: Uint8Array | null]

const encodedRecordAt = (
  topic: Topic,
  base: number,
  [id, timestampMs, key, headers, value]: RecordRow,
): EncodedRecordAt => ({
  topic,
  offset: id - base,
  timestampMs,
  key,
  headers: headers === null ? null : (JSON.parse(headers) as Record<string, string>),
  value,
})

/** Ends of all topics, read at once after each commit: whenever one record is done, all readers look whether there is more. */
function knownEnds(state: State): (topic: Topic) => number {
  let ends: ReadonlyMap<number, number> | null = null
  // The first to listen: who hears of a commit later finds what it wrote.
  state.onCommit(() => {
    ends = null
  })
  return (topic) => {
    ends ??= endsOf(state)
    return ends.get(numberOf(state, topic)) ?? 0
  }
}

function endsOf({ sql }: State): ReadonlyMap<number, number> {
  const select = sql("SELECT id, next_off FROM tp")
  select.setReturnArrays(true)
  return new Map(select.all() as unknown as readonly [id: number, end: number][])
}

const endOf = (state: State, topic: Topic): number =>
  Number(state.sql("SELECT next_off FROM tp WHERE id = ?").get(numberOf(state, topic))?.next_off)

const lagOf = ({ sql }: State, group: string | null = null): Lag[] =>
  sql(`SELECT grp, topic, part, group_offset.next_off AS committed, tp.next_off AS until
       FROM group_offset JOIN tp ON tp.id = group_offset.tp WHERE ?1 IS NULL OR grp = ?1 ORDER BY grp, tp.id`)
    .all(group)
    .map((row) => ({
      group: String(row.grp),
      topic: String(row.topic) as Topic,
      partition: Number(row.part),
      committed: Number(row.committed),
      end: Number(row.until),
      lag: Number(row.until) - Number(row.committed),
    }))

type PendingChange = Change & {
  readonly settle: (result: Result<void>) => void
  readonly reject: (bug: unknown) => void
  /** The reader lost its place before the commit. */
  dropped: boolean
}

/** Gathers the changes of one turn of the event loop into one write: one position per group, one end per topic. */
function changer(state: State, clock: Clock): (change: Change) => Promise<Result<void>> {
  let waiting: PendingChange[] = []
  const commit = (): void => {
    // Taken as late as the transaction itself; a second run of the job must find the same changes.
    let taken: readonly PendingChange[] | null = null
    const batch = (): readonly PendingChange[] => {
      if (taken === null) {
        taken = waiting
        waiting = []
      }
      return taken
    }
    state
      .write("log", () => apply(state, batch(), clock.nowMs()))
      .then(
        (result) => settle(batch(), result),
        (bug: unknown) => {
          for (const change of batch()) change.reject(bug)
        },
      )
  }
  return (change) =>
    new Promise((settle, reject) => {
      if (waiting.push({ ...change, settle, reject, dropped: false }) === 1) commit()
    })
}

/** Runs in a transaction, perhaps twice: marks in trackers are idempotent and become final in {@link settle}. */
function apply(state: State, batch: readonly PendingChange[], nowMs: number): void {
  for (const change of batch) change.dropped = change.finished?.lost.aborted === true
  const valid = batch.filter(({ dropped }) => !dropped)
  append(
    state,
    valid.flatMap(({ records }) => records),
    nowMs,
  )
  const positions = new Map<PartitionTracker, Finished>()
  for (const { finished } of valid) {
    if (finished === null) continue
    for (const offset of finished.offsets) finished.tracker.finish(offset)
    positions.set(finished.tracker, finished)
  }
  for (const { group, topic, tracker } of positions.values()) state.groups.move(group, topic, tracker.watermark() ?? 0)
}

function settle(batch: readonly PendingChange[], result: Result<void>): void {
  for (const { finished, dropped } of batch) if (!result.ok && !dropped) reopen(finished)
  const trackers = new Set(batch.map(({ finished }) => finished?.tracker))
  for (const tracker of trackers) if (result.ok) tracker?.settle()
  for (const change of batch) change.settle(change.dropped ? failed(TAKEN_AWAY) : result)
}

function reopen(finished: Finished | null): void {
  for (const offset of finished?.offsets ?? []) finished?.tracker.reopen(offset)
}

const TAKEN_AWAY = failure("log/lost-ownership", "The group was rewound, or a later reader took over.")

function append(state: State, records: readonly EncodedRecord[], nowMs: number): void {
  const ends = new Map<Topic, number>()
  const insert = state.sql("INSERT INTO record(id, ts, k, h, v) VALUES (?, ?, ?, ?, ?)")
  for (const { topic, key, headers, value } of records) {
    const offset = ends.get(topic) ?? endOf(state, topic)
    ends.set(topic, offset + 1)
    const id = numberOf(state, topic) * OFFSETS_PER_TOPIC + offset
    insert.run(id, nowMs, key, headers === null ? null : JSON.stringify(headers), value)
  }
  for (const [topic, end] of ends) state.sql("UPDATE tp SET next_off = ? WHERE id = ?").run(end, numberOf(state, topic))
}
