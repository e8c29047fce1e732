// A subscription of a group: deliveries in turn, each acknowledged once.

import type { Fact } from "../events/fact.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal } from "../system/concurrency.ts"
import type { DeadLetter, Delivery, Subscription } from "./index.ts"
import {
  readAhead,
  type TakenRecord,
  type TopicReader,
  takeNext,
  topicReader,
  type WaitingRecord,
} from "./look-ahead.ts"
import { createRoundRobin, foldersOf, type RoundRobin } from "./round-robin.ts"
import type { EncodedRecord, Finished, Storage } from "./storage.ts"

const OUTAGE_PAUSE_MS = 500

/** Fails log/unencodable, log/too-large. */
export type Encode = (records: readonly (Fact | DeadLetter)[]) => Result<readonly EncodedRecord[]>

export type Context = { readonly storage: Storage; readonly clock: Clock; readonly encode: Encode }

/** The port's `deliver` on an embedded log. */
export function deliverFrom(context: Context, subscription: Subscription): AsyncGenerator<Result<Delivery>> {
  const { storage } = context
  const turns = createRoundRobin<WaitingRecord>()
  return subscribed(context, subscription, {
    claimed: (readers) => turns.retain(({ reader }) => readers.includes(reader)),
    next: (readers, { changes, wake }) => {
      const read = readAhead(storage, { readers, turns, subscription, changes })
      const out = readers.reduce((sum, reader) => sum + reader.unacknowledged, 0)
      const record = read.ok && out < subscription.credits ? takeNext(storage, turns) : read
      if (!record.ok) return record
      if (typeof record.value === "string") return read
      return done(deliveryOf(record.value, context, { subscription, turns, freed: wake }))
    },
  })
}

/** What a subscription has come to. */
type Now = {
  /** Number of changes of the log that were heard of. */
  readonly changes: number
  /** To be called when something may be given that could not be before. */
  readonly wake: () => void
}

/** How a subscription gives what it reads. */
type Giving<T extends object> = {
  /** The topics are this reader's, some of them perhaps anew. */
  readonly claimed: (readers: readonly TopicReader[]) => void
  /** What is given next, else whether there is more to be looked at as soon as others had their turn. */
  readonly next: (readers: readonly TopicReader[], now: Now) => Result<T | "more" | "nothing">
}

/** Claims topics, and gives what there is of them until the subscription is stopped. */
export async function* subscribed<T extends object>(
  context: Context,
  subscription: Claiming,
  { claimed, next }: Giving<T>,
): AsyncGenerator<Result<T>> {
  const { storage } = context
  const { stop } = subscription
  const { wake, woken } = createWakeSignal()
  let changes = 0
  const silence = storage.onChange(() => {
    changes++
    wake()
  })
  stop.addEventListener("abort", wake)
  let readers: readonly TopicReader[] = []
  try {
    while (!stop.aborted) {
      if (readers.length === 0 || readers.some(({ claim }) => claim.lost.aborted)) {
        const again = await claimAgain(context, subscription, readers)
        if (again === "stopped") return
        if (!again.ok) return yield again
        readers = again.value
        claimed(readers)
      }
      const given = next(readers, { changes, wake })
      if (!given.ok && given.failure.kind !== "outage") return yield given
      if (!given.ok) await context.clock.sleep(OUTAGE_PAUSE_MS, stop)
      else if (typeof given.value === "object") yield done(given.value)
      else if (given.value === "more") await storage.nextTurn()
      else await woken()
    }
  } finally {
    silence()
    stop.removeEventListener("abort", wake)
  }
}

/** What claiming topics needs. */
type Claiming = Pick<Subscription, "group" | "topics" | "stop" | "onHeld">

/** Claims the topics: all at the start, and again the one whose group was set to another offset. */
async function claimAgain(
  context: Context,
  subscription: Claiming,
  readers: readonly TopicReader[],
): Promise<Result<readonly TopicReader[]> | "stopped"> {
  const { group, topics, stop } = subscription
  const reasons = readers.map(({ claim }) => (claim.lost.aborted ? claim.lost.reason : null))
  if (reasons.includes("taken")) {
    return failed(failure("log/lost-ownership", `A later reader of group ${group} took over.`))
  }
  const wanted = readers.length === 0 ? topics : topics.filter((_, index) => reasons[index] !== null)
  const claims = await waitedOut(() => context.storage.join(group, wanted), context.clock, stop)
  if (claims === "stopped") return claims
  if (!claims.ok) return claims
  for (const { topic, lost } of claims.value) subscription.onHeld?.({ topic, partition: 0, lost })
  const fresh = claims.value.map(topicReader)
  return done(topics.map((topic, index) => readerOf(fresh, topic) ?? (readers[index] as TopicReader)))
}

const readerOf = (readers: readonly TopicReader[], topic: string): TopicReader | undefined =>
  readers.find(({ claim }) => claim.topic === topic)

async function waitedOut<T>(
  attempt: () => Promise<Result<T>>,
  clock: Clock,
  stop: AbortSignal,
): Promise<Result<T> | "stopped"> {
  while (!stop.aborted) {
    const result = await attempt()
    if (result.ok || result.failure.kind !== "outage") return result
    await clock.sleep(OUTAGE_PAUSE_MS, stop)
  }
  return "stopped"
}

type DeliveryContext = {
  readonly subscription: Subscription
  readonly turns: RoundRobin<WaitingRecord>
  readonly freed: () => void
}

function deliveryOf(
  { reader, record }: TakenRecord,
  context: Context,
  { subscription: { group, lookAhead = 0 }, turns, freed }: DeliveryContext,
): Delivery {
  const { claim } = reader
  return {
    at: record.at,
    timestampMs: record.timestampMs,
    key: record.key,
    get headers() {
      return record.headers
    },
    content: record.content,
    lost: claim.lost,
    setAside: setAside({
      turns: lookAhead === 0 ? null : turns,
      folders: foldersOf(claim.topic, record.key),
      credit: (change) => {
        reader.unacknowledged += change
      },
      changed: freed,
    }),
    acknowledge: acknowledgeOnce(settling(context, reader, { group, offsets: [record.at.offset], freed })),
  }
}

/** Appends, and counts what is out of a reader as finished. */
export const settling =
  (
    { storage, encode }: Context,
    reader: TopicReader,
    { freed, ...of }: Pick<Finished, "group" | "offsets"> & { readonly freed: () => void },
  ) =>
  async (facts: readonly Fact[]): Promise<Result<void>> => {
    const { claim, tracker } = reader
    const records = encode(facts)
    if (!records.ok) return records
    const finished = { ...of, topic: claim.topic, tracker, lost: claim.lost }
    const result = await storage.change({ records: records.value, finished })
    if (result.ok) {
      reader.unacknowledged--
      freed()
    }
    return result
  }

/** The port's `acknowledge` of one delivery: once it worked, repeating it changes nothing. */
export function acknowledgeOnce(settle: (facts: readonly Fact[]) => Promise<Result<void>>): Delivery["acknowledge"] {
  let settled: Promise<Result<void>> | null = null
  return (facts = []) => {
    settled ??= settle(facts).then((result) => {
      // A failed acknowledgement keeps its credit and may be tried again, with the same facts or others.
      if (!result.ok) settled = null
      return result
    })
    return settled
  }
}

type AsideOptions = {
  /** Null where directories take no turns: then nothing else is held back. */
  readonly turns: Pick<RoundRobin<unknown>, "hold" | "release"> | null
  readonly folders: readonly string[]
  /** Counts the credit as returned (-1) or taken again (1). */
  readonly credit: (change: -1 | 1) => void
  readonly changed: () => void
}

/**
 * The port's `setAside` of one delivery. The first delivery of a directory that is taken up again releases the whole directory,
 * since what stopped it is over.
 */
export function setAside({ turns, folders, credit, changed }: AsideOptions): Delivery["setAside"] {
  let isAside = false
  const takeUp = (): void => {
    if (!isAside) return
    isAside = false
    credit(1)
    turns?.release(folders)
    changed()
  }
  return () => {
    if (!isAside) {
      isAside = true
      credit(-1)
      turns?.hold(folders)
      changed()
    }
    return takeUp
  }
}
