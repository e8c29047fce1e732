import { done, type Result } from "../events/result.ts"
import type { StoredRecord, Subscription } from "./index.ts"
import { createPartitionTracker, type PartitionTracker } from "./partition-tracker.ts"
import { foldersOf, type RoundRobin } from "./round-robin.ts"
import type { Claim, Page, Storage } from "./storage.ts"

/** Most records of a topic that are read above its committed offset: what a crash may deliver again. */
const MOST_PENDING = 100_000

/** Records read at once. */
const READ_AT_ONCE = 256

/** Most waiting records of a topic that are kept whole; of those behind them only offset and key are kept. */
const KEPT_WHOLE = 1024

/** Keys read at once. */
const KEYS_AT_ONCE = 2048

/** Reads one topic for a subscription. */
export type TopicReader = {
  readonly claim: Claim
  readonly tracker: PartitionTracker
  /** Next offset to be read. */
  position: number
  /** Number of changes when the end of the topic was reached: before the next change there is nothing to read. */
  emptyAt: number
  /** Records that were read and wait for their turn. */
  waiting: number
  unacknowledged: number
}

export const topicReader = (claim: Claim): TopicReader => ({
  claim,
  tracker: createPartitionTracker(MOST_PENDING),
  position: claim.position,
  emptyAt: -1,
  waiting: 0,
  unacknowledged: 0,
})

/** A record that waits for its turn. Where `record` is null it is read when its turn comes. */
export type WaitingRecord = {
  readonly reader: TopicReader
  readonly offset: number
  readonly record: StoredRecord | null
}

export type TakenRecord = { readonly reader: TopicReader; readonly record: StoredRecord }

/** The record whose turn it is. One that an outage keeps from being read stays the next. */
export function takeNext(storage: Storage, turns: RoundRobin<WaitingRecord>): Result<TakenRecord | "nothing"> {
  for (let next = turns.peek(); next !== undefined; next = turns.peek()) {
    const { reader } = next
    const read = next.record === null ? recordAt(storage, next) : null
    if (read?.ok === false) return read
    turns.take()
    reader.waiting--
    const record = next.record ?? read?.value
    if (record === undefined) {
      // Retention took it: nobody will ever finish it.
      reader.tracker.finish(next.offset)
      continue
    }
    reader.unacknowledged++
    return done({ reader, record })
  }
  return done("nothing")
}

function recordAt(storage: Storage, { reader, offset }: WaitingRecord): Result<StoredRecord | undefined> {
  const page = storage.page({ topic: reader.claim.topic, from: offset, until: offset + 1, sinceMs: 0, limit: 1 })
  return page.ok ? done(page.value[0]) : page
}

type Reading = {
  readonly readers: readonly TopicReader[]
  readonly turns: RoundRobin<WaitingRecord>
  readonly subscription: Subscription
  readonly changes: number
}

/** Reads a page of each topic that has less waiting than it may; tells whether there is more to be read at once. */
export function readAhead(
  storage: Storage,
  { readers, turns, subscription, changes }: Reading,
): Result<"more" | "nothing"> {
  const { lookAhead = 0 } = subscription
  let isMore = false
  for (const reader of readers) {
    if (reader.waiting >= Math.max(1, lookAhead) || reader.emptyAt === changes) continue
    const read = readPage(storage, reader, reader.waiting < KEPT_WHOLE ? "whole" : "keys")
    if (!read.ok) return read
    const { waiting, next } = read.value
    const refused = waiting.find(({ offset }) => !reader.tracker.track(offset))
    for (const one of waiting) {
      if (one === refused) break
      reader.waiting++
      turns.add(lookAhead === 0 ? [reader.claim.topic] : foldersOf(reader.claim.topic, one.key), one)
      isMore = true
    }
    reader.position = refused?.offset ?? next
    if (waiting.length === 0) reader.emptyAt = changes
  }
  return done(isMore ? "more" : "nothing")
}

type ReadPage = {
  readonly waiting: readonly (WaitingRecord & { readonly key: string | null })[]
  /** Where to read on. A short page reached the end, whatever holes there are. */
  readonly next: number
}

function readPage(storage: Storage, reader: TopicReader, how: "whole" | "keys"): Result<ReadPage> {
  const { topic } = reader.claim
  const end = storage.end(topic)
  if (!end.ok) return end
  const from = reader.position
  if (from >= end.value) return done({ waiting: [], next: from })
  const limit = how === "whole" ? READ_AT_ONCE : KEYS_AT_ONCE
  const span = { topic, from, until: end.value, limit }
  const page = how === "whole" ? wholeRecords(storage, reader, span) : keys(storage, reader, span)
  if (!page.ok) return page
  const last = page.value.length === limit ? page.value.at(-1) : undefined
  return done({ waiting: page.value, next: last === undefined ? end.value : last.offset + 1 })
}

type Span = Omit<Page, "sinceMs">

function wholeRecords(storage: Storage, reader: TopicReader, span: Span): Result<ReadPage["waiting"]> {
  const page = storage.page({ ...span, sinceMs: 0 })
  return page.ok
    ? done(page.value.map((record) => ({ reader, offset: record.at.offset, key: record.key, record })))
    : page
}

function keys(storage: Storage, reader: TopicReader, span: Span): Result<ReadPage["waiting"]> {
  const page = storage.keys(span)
  return page.ok ? done(page.value.map((one) => ({ ...one, reader, record: null }))) : page
}
