// What every log of one process has in common: the storage it stands on, and the log over a storage.

import { cloudEventHeaders, type Fact, keyOf } from "../events/fact.ts"
import { allOf, done, failed, failure, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../system/concurrency.ts"
import { deadLetterFrom, deadLetterHeaders } from "./dead-letter.ts"
import type { Coordinates, DeadLetter, EventLog, Lag, ReadOptions, StoredRecord, Topic } from "./index.ts"
import type { PartitionTracker } from "./partition-tracker.ts"
import { deliverFrom, type Encode } from "./subscription.ts"

/** A record in the form in which a log keeps it. */
export type EncodedRecord = {
  readonly topic: Topic
  readonly key: string | null
  /** Null for facts, whose headers are derived from the value when they are read. */
  readonly headers: Readonly<Record<string, string>> | null
  readonly value: Uint8Array | null
}

export type EncodedRecordAt = EncodedRecord & { readonly offset: number; readonly timestampMs: number }

/** A record that its group has finished, and the tracker that tells the offset to commit. */
export type Finished = {
  readonly group: string
  readonly topic: Topic
  readonly offset: number
  readonly tracker: PartitionTracker
  /** Once it has aborted, another reader owns the group's position, and nothing of the change may happen. */
  readonly lost: AbortSignal
}

/** What one append or acknowledgement changes, all or nothing. */
export type Change = { readonly records: readonly EncodedRecord[]; readonly finished: Finished | null }

export type Page = {
  readonly topic: Topic
  /** First offset, inclusive. */
  readonly from: number
  /** Last offset, exclusive. */
  readonly until: number
  readonly sinceMs: number
  readonly limit: number
}

/**
 * What delivery and replay need of an embedded log with one partition a topic: memory and SQLite are two of these.
 * Failures are outages or refusals of the medium.
 */
export type Storage = {
  page(page: Page): Result<readonly StoredRecord[]>
  /** Offsets and keys of records: all that is needed of those whose turn is far. */
  keys(page: Omit<Page, "sinceMs">): Result<readonly { readonly offset: number; readonly key: string | null }[]>
  /** Next offset to be written. */
  end(topic: Topic): Result<number>
  /** Makes the caller the reader of these topics for the group, which is known from now on. */
  join(group: string, topics: readonly Topic[]): Promise<Result<readonly Claim[]>>
  change(change: Change): Promise<Result<void>>
  lag(): Result<readonly Lag[]>
  /** Calls `listener` after whatever a reader may wait for, until the returned function is called. */
  onChange(listener: () => void): () => void
  /** Interval, milliseconds, at which to look for what other processes wrote. Null where `onChange` hears of all changes. */
  readonly pollMs: number | null
  /** Lets timers and signals have their turn during a long replay. */
  nextTurn(): Promise<void>
}

/**
 * The right to read a topic for a group, and where that begins. `lost` aborts with `taken` (a later reader of the group) or
 * `rewound` (the group starts again further back).
 */
export type Claim = { readonly topic: Topic; readonly position: number; readonly lost: AbortSignal }

/** Largest value, bytes: what Kafka takes by default (message.max.bytes), so that no log holds what another cannot. */
export const MAX_VALUE_BYTES = 1_048_576

export const tooLarge = ({ topic, value }: EncodedRecord): Result<never> =>
  failed(
    failure(
      "log/too-large",
      `A record of ${topic} has ${value?.length ?? 0} bytes, more than the ${MAX_VALUE_BYTES} that a log takes.`,
    ),
  )

/** Bytes of a fact, or log/unencodable. */
export type EncodeFact = (fact: Fact) => Result<Uint8Array>

/** What is written for a fact or dead letter. Fails log/unencodable. */
export function encodeRecord(record: Fact | DeadLetter, encode: EncodeFact): Result<EncodedRecord> {
  if (record.topic === "dead-letter")
    return done({ topic: "dead-letter", key: null, headers: deadLetterHeaders(record), value: record.head })
  const value = encode(record)
  if (!value.ok) return value
  return done({ topic: record.topic, key: keyOf(record), headers: null, value: value.value })
}

/** What is read back. */
export function decodeRecord(
  kept: EncodedRecordAt,
  decode: (topic: Fact["topic"], value: Uint8Array | null) => Result<Fact>,
): StoredRecord {
  const { topic, offset, timestampMs, key } = kept
  const at: Coordinates = { topic, partition: 0, offset }
  const headers = kept.headers ?? {}
  if (topic !== "dead-letter") {
    const fact = decode(topic, kept.value)
    if (!fact.ok) {
      return { at, timestampMs, key, headers, content: { undecodable: { failure: fact.failure, bytes: kept.value } } }
    }
    const { value } = fact
    return {
      at,
      timestampMs,
      key,
      // Derived only when somebody asks: a replay of a million facts does not.
      get headers() {
        return kept.headers ?? cloudEventHeaders(value)
      },
      content: { fact: value },
    }
  }
  const deadLetter = deadLetterFrom(headers, kept.value)
  if (deadLetter !== null) return { at, timestampMs, key, headers, content: { deadLetter } }
  const wrong = failure("log/undecodable", "A record of dead-letter lacks the headers that say where it comes from.")
  return { at, timestampMs, key, headers, content: { undecodable: { failure: wrong, bytes: kept.value } } }
}

type EmbeddedOptions = {
  readonly clock: Clock
  readonly storage: Storage
  readonly encode: EncodeFact
}

/** The port on an embedded storage: one process, one partition a topic. Closing it ends its readers. */
export function embeddedLog({ clock, storage, encode }: EmbeddedOptions): EventLog {
  const closing = new AbortController()
  const encodeAll: Encode = (records) => {
    const kept = allOf(records.map((record) => encodeRecord(record, encode)))
    if (!kept.ok) return kept
    const large = kept.value.find(({ value }) => (value?.length ?? 0) > MAX_VALUE_BYTES)
    return large === undefined ? kept : tooLarge(large)
  }
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal])
  return {
    append: async (records) => {
      const kept = encodeAll(records)
      return kept.ok ? storage.change({ records: kept.value, finished: null }) : kept
    },
    deliver: (subscription) =>
      deliverFrom({ storage, clock, encode: encodeAll }, { ...subscription, stop: until(subscription.stop) }),
    read: (topic, options = {}) =>
      readFrom({ storage, clock }, topic, {
        ...options,
        ...(options.follow === undefined ? {} : { follow: until(options.follow) }),
      }),
    ends: async (topics) => allOf(topics.map((topic) => endOf(storage, topic))),
    lag: async (group) => {
      const lags = storage.lag()
      return lags.ok && group !== undefined ? done(lags.value.filter((lag) => lag.group === group)) : lags
    },
    close: async () => closing.abort(),
  }
}

function endOf(storage: Storage, topic: Coordinates["topic"]): Result<Coordinates> {
  const end = storage.end(topic)
  return end.ok ? done({ topic, partition: 0, offset: end.value }) : end
}

/** Records read at once. */
const PAGE = 500

/** The port's `read` on an embedded log. */
async function* readFrom(
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
  topic: Topic,
  { from = 0, sinceMs = 0, follow }: ReadOptions = {},
): AsyncGenerator<Result<StoredRecord>> {
  const wakeSignal = createWakeSignal()
  const silence = storage.onChange(wakeSignal.wake)
  follow?.addEventListener("abort", wakeSignal.wake)
  let position = typeof from === "number" ? from : (from.find((at) => at.topic === topic)?.offset ?? 0)
  try {
    for (;;) {
      const end = storage.end(topic)
      if (!end.ok) return yield end
      while (position < end.value && follow?.aborted !== true) {
        const page = storage.page({ topic, from: position, until: end.value, sinceMs, limit: PAGE })
        if (!page.ok) return yield page
        for (const record of page.value) yield { ok: true, value: record }
        const last = page.value.length === PAGE ? page.value.at(-1) : undefined
        position = last === undefined ? end.value : last.at.offset + 1
        await storage.nextTurn()
      }
      if (follow === undefined || follow.aborted) return
      await changed(storage, wakeSignal, clock, follow)
    }
  } finally {
    silence()
    follow?.removeEventListener("abort", wakeSignal.wake)
  }
}

async function changed({ pollMs }: Storage, wakeSignal: WakeSignal, clock: Clock, follow: AbortSignal): Promise<void> {
  if (pollMs === null) await wakeSignal.woken()
  else await clock.sleep(pollMs, follow)
}
