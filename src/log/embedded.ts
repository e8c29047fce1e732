import { allOf, done, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import type { Coordinates, EventLog } from "./index.ts"
import { readFrom } from "./replay.ts"
import { type EncodeFact, keptOf, MAX_VALUE_BYTES, type Storage, tooLarge } from "./storage.ts"
import { deliverFrom, type Encode } from "./subscription.ts"

export type Embedded = {
  readonly clock: Clock
  readonly storage: Storage
  readonly encode: EncodeFact
}

/** The port on an embedded storage: one process, one partition a topic. Closing it ends its readers. */
export function embeddedLog({ clock, storage, encode }: Embedded): EventLog {
  const closing = new AbortController()
  const encodeAll: Encode = (records) => {
    const kept = allOf(records.map((record) => keptOf(record, encode)))
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
