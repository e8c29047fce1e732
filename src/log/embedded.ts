import { allOf, done, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../system/concurrency.ts"
import type { Coordinates, EventLog, ReadOptions, StoredRecord, Topic } from "./index.ts"
import { type EncodeFact, encodeRecord, MAX_VALUE_BYTES, type Storage, tooLarge } from "./storage.ts"
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
