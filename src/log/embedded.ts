import { allOf, done, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../system/concurrency.ts"
import type { Coordinates, EventLog, ReadOptions, StoredRecord, Topic } from "./index.ts"
import { deliverPagesFrom } from "./pages.ts"
import { type EncodeFact, encodeRecord, MAX_VALUE_BYTES, type Page, type Storage, tooLarge } from "./storage.ts"
import { deliverFrom, type Encode } from "./subscription.ts"

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
  const context = { storage, clock, encode: encodeAll }
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal])
  return {
    append: async (records) => {
      const kept = encodeAll(records)
      return kept.ok ? storage.change({ records: kept.value, finished: null }) : kept
    },
    deliver: (subscription) => deliverFrom(context, { ...subscription, stop: until(subscription.stop) }),
    deliverPages: (subscription) => deliverPagesFrom(context, { ...subscription, stop: until(subscription.stop) }),
    read: (topics, options = {}) =>
      readFrom({ storage, clock }, [topics].flat() as Topic[], {
        ...options,
        ...(options.follow === undefined ? {} : { follow: until(options.follow) }),
      }),
    ends: async (topics) => allOf(topics.map((topic) => endOf(storage, topic))),
    lag: async (group) => storage.lag(group),
    ...(storage.pollMs === null ? { onChange: storage.onChange } : {}),
    close: async () => closing.abort(),
  }
}

function endOf(storage: Storage, topic: Coordinates["topic"]): Result<Coordinates> {
  const end = storage.end(topic)
  return end.ok ? done({ topic, partition: 0, offset: end.value }) : end
}

/** Records read at once. */
const PAGE = 500

type ReadPorts = { readonly storage: Storage; readonly clock: Clock }

/** The port's `read` on an embedded log. */
async function* readFrom(
  { storage, clock }: ReadPorts,
  topics: readonly Topic[],
  { from = 0, sinceMs = 0, follow, ...filter }: ReadOptions,
): AsyncGenerator<Result<StoredRecord>> {
  const wakeSignal = createWakeSignal()
  const silence = storage.onChange(wakeSignal.wake)
  follow?.addEventListener("abort", wakeSignal.wake)
  let stretches = topics.map((topic): Stretch => ({ topic, from: startOf(from, topic), until: 0 }))
  try {
    for (;;) {
      const ends = allOf(stretches.map(({ topic }) => storage.end(topic)))
      if (!ends.ok) return yield ends
      stretches = stretches.map((stretch, index) => ({ ...stretch, until: ends.value[index] ?? 0 }))
      for (const stretch of stretches)
        if (follow?.aborted !== true) yield* pagesOf(storage, { ...filter, ...stretch, sinceMs }, follow)
      if (follow === undefined || follow.aborted) return
      stretches = stretches.map(({ topic, from: begun, until }) => ({ topic, from: Math.max(begun, until), until }))
      await changed(storage, wakeSignal, clock, follow)
    }
  } finally {
    silence()
    follow?.removeEventListener("abort", wakeSignal.wake)
  }
}

/** What of a topic is read in one go. */
type Stretch = Pick<Page, "topic" | "from" | "until">

const startOf = (from: NonNullable<ReadOptions["from"]>, topic: Topic): number =>
  typeof from === "number" ? from : (from.find((at) => at.topic === topic)?.offset ?? 0)

async function* pagesOf(
  storage: Storage,
  wanted: Omit<Page, "limit">,
  follow: AbortSignal | undefined,
): AsyncGenerator<Result<StoredRecord>> {
  let position = wanted.from
  while (position < wanted.until && follow?.aborted !== true) {
    const page = storage.page({ ...wanted, from: position, limit: PAGE })
    if (!page.ok) return yield page
    for (const record of page.value) yield { ok: true, value: record }
    const last = page.value.length === PAGE ? page.value.at(-1) : undefined
    position = last === undefined ? wanted.until : last.at.offset + 1
    await storage.nextTurn()
  }
}

async function changed({ pollMs }: Storage, wakeSignal: WakeSignal, clock: Clock, follow: AbortSignal): Promise<void> {
  if (pollMs === null) await wakeSignal.woken()
  else await clock.sleep(pollMs, follow)
}
