import { createDecoder, currentSchemas, encodeFact } from "../events/codec.ts"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { FACT_TOPICS } from "../events/schemas.ts"
import type { Clock } from "../system/clock.ts"
import { embeddedLog } from "./embedded.ts"
import type { EventLog, Topic } from "./index.ts"
import {
  type Change,
  type Claim,
  decodeRecord,
  type EncodedRecord,
  type EncodedRecordAt,
  type EncodeFact,
  type Page,
  type Storage,
} from "./storage.ts"

/** What a memory log holds; it outlives the log, as a file outlives its process. */
export type MemoryRecords = {
  readonly records: Map<Topic, EncodedRecordAt[]>
  /** Writer schemas; the id is the index. */
  readonly schemas: string[]
  /** Group, then topic, to the next offset to be read. */
  readonly positions: Map<string, Map<Topic, number>>
  /** Set by a test: every call fails with it until it is null again. */
  outage: Failure | null
}

export const memoryRecords = (): MemoryRecords => ({
  records: new Map(),
  schemas: [],
  positions: new Map(),
  outage: null,
})

/** A log that lives as long as `records`: for tests and dry runs. Waits on `clock` and on nothing else. */
export const openMemoryLog = ({
  clock,
  records = memoryRecords(),
}: {
  clock: Clock
  records?: MemoryRecords
}): EventLog => embeddedLog({ clock, storage: memoryStorage(records, clock), encode: encoderOf(records) })

/** Appends whatever bytes a test wants, as a foreign producer would. */
export function appendForeign(held: MemoryRecords, kept: EncodedRecord, timestampMs: number): void {
  const topic = held.records.get(kept.topic) ?? []
  held.records.set(kept.topic, topic)
  topic.push({ ...kept, offset: topic.length, timestampMs })
}

function encoderOf({ schemas }: MemoryRecords): EncodeFact {
  const ids = new Map<string, number>()
  for (const topic of FACT_TOPICS) {
    const text = currentSchemas.get(topic) ?? ""
    if (!schemas.includes(text)) schemas.push(text)
    ids.set(topic, schemas.indexOf(text))
  }
  return (fact) => encodeFact(fact, ids.get(fact.topic) ?? -1)
}

function memoryStorage(held: MemoryRecords, clock: Clock): Storage {
  const decode = createDecoder((id) => held.schemas[id] ?? null)
  const listeners = new Set<() => void>()
  const claims = new Map<string, AbortController>()
  const of = (topic: Topic): readonly EncodedRecordAt[] => held.records.get(topic) ?? []
  const unlessOut = <T>(query: () => T): Result<T> => (held.outage === null ? done(query()) : failed(held.outage))
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    page: (page) => unlessOut(() => recordsOf(of(page.topic), page).map((kept) => decodeRecord(kept, decode))),
    keys: ({ topic, from, until, limit }) =>
      unlessOut(() =>
        of(topic)
          .slice(from, Math.min(until, from + limit))
          .map(({ offset, key }) => ({ offset, key })),
      ),
    end: (topic) => unlessOut(() => of(topic).length),
    join: async (group, topics) => unlessOut(() => topics.map((topic) => claimOf(held, claims, { group, topic }))),
    change: async (change) => {
      if (change.finished?.lost.aborted)
        return failed(failure("log/lost-ownership", "A later reader of the group took over."))
      const result = unlessOut(() => apply(held, change, clock.nowMs()))
      changed()
      return result
    },
    lag: (wanted) =>
      unlessOut(() =>
        [...held.positions]
          .filter(([group]) => wanted === undefined || group === wanted)
          .flatMap(([group, topics]) =>
            [...topics].map(([topic, committed]) => {
              const end = of(topic).length
              return { group, topic, partition: 0, committed, end, lag: end - committed }
            }),
          ),
      ),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pollMs: null,
    nextTurn: () => Promise.resolve(),
  }
}

/** Looks at no more records than the page takes: there may be a million behind it. */
function recordsOf(
  records: readonly EncodedRecordAt[],
  { from, until, sinceMs, untilMs = Number.POSITIVE_INFINITY, key, limit }: Page,
): readonly EncodedRecordAt[] {
  const found: EncodedRecordAt[] = []
  for (let at = from; at < Math.min(until, records.length) && found.length < limit; at++) {
    const kept = records[at]
    if (kept === undefined || kept.timestampMs < sinceMs || kept.timestampMs >= untilMs) continue
    if (key === undefined || kept.key === key) found.push(kept)
  }
  return found
}

function apply(held: MemoryRecords, { records, finished }: Change, nowMs: number): void {
  for (const kept of records) appendForeign(held, kept, nowMs)
  if (finished === null) return
  for (const offset of finished.offsets) finished.tracker.finish(offset)
  held.positions.get(finished.group)?.set(finished.topic, finished.tracker.watermark() ?? 0)
  finished.tracker.settle()
}

type GroupTopic = { readonly group: string; readonly topic: Topic }

function claimOf(held: MemoryRecords, claims: Map<string, AbortController>, { group, topic }: GroupTopic): Claim {
  const name = JSON.stringify([group, topic])
  const claim = new AbortController()
  claims.get(name)?.abort("taken")
  claims.set(name, claim)
  const positions = held.positions.get(group) ?? new Map<Topic, number>()
  held.positions.set(group, positions)
  const position = positions.get(topic) ?? 0
  positions.set(topic, position)
  return { topic, position, lost: claim.signal }
}
