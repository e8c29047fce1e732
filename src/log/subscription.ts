import type { Fact } from "../events/fact.ts"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal } from "../system/wake-signal.ts"
import type { DeadLetter, Delivery, Subscription } from "./index.ts"
import { type Lane, laneOf, readAhead, type Taken, takeNext, type Waiting } from "./look-ahead.ts"
import { createRoundRobin, foldersOf, type RoundRobin, setAside } from "./round-robin.ts"
import type { Finished, Kept, Storage } from "./storage.ts"

const OUTAGE_PAUSE_MS = 500

/** Fails log/unencodable, log/too-large. */
export type Encode = (records: readonly (Fact | DeadLetter)[]) => Result<readonly Kept[]>

type Context = { readonly storage: Storage; readonly clock: Clock; readonly encode: Encode }

/** The port's `deliver` on an embedded log. */
export async function* deliverFrom(context: Context, subscription: Subscription): AsyncGenerator<Result<Delivery>> {
  const { storage } = context
  const { stop, credits } = subscription
  const wakeSignal = createWakeSignal()
  let changes = 0
  const silence = storage.onChange(() => {
    changes++
    wakeSignal.wake()
  })
  stop.addEventListener("abort", wakeSignal.wake)
  const turns = createRoundRobin<Waiting>()
  let lanes: readonly Lane[] = []
  try {
    while (!stop.aborted) {
      if (lanes.length === 0 || lanes.some(({ seat }) => seat.lost.aborted)) {
        const seated = await reseat(context, subscription, lanes)
        if (seated === "stopped") return
        if (!seated.ok) return yield seated
        lanes = seated.value
        turns.retain(({ lane }) => lanes.includes(lane))
      }
      const read = readAhead(storage, { lanes, turns, subscription, changes })
      const out = lanes.reduce((sum, lane) => sum + lane.unacknowledged, 0)
      const record = read.ok && out < credits ? takeNext(storage, turns) : read
      if (!record.ok && record.failure.kind !== "outage") return yield record
      if (!record.ok) await context.clock.sleep(OUTAGE_PAUSE_MS, stop)
      else if (typeof record.value === "object")
        yield done(deliveryOf(record.value, context, { subscription, turns, freed: wakeSignal.wake }))
      else if (read.ok && read.value === "more") await storage.breathe()
      else await wakeSignal.woken()
    }
  } finally {
    silence()
    stop.removeEventListener("abort", wakeSignal.wake)
  }
}

/** Lanes as they should be: all at the start, none new while all stand, again from its offset where one was set. */
async function reseat(
  context: Context,
  subscription: Subscription,
  lanes: readonly Lane[],
): Promise<Result<readonly Lane[]> | "stopped"> {
  const { group, topics, stop } = subscription
  const reasons = lanes.map(({ seat }) => (seat.lost.aborted ? seat.lost.reason : null))
  if (reasons.includes("taken")) {
    return failed(failure("log/lost-ownership", `A later reader of group ${group} took over.`))
  }
  const wanted = lanes.length === 0 ? topics : topics.filter((_, index) => reasons[index] !== null)
  const seats = await waitedOut(() => context.storage.join(group, wanted), context.clock, stop)
  if (seats === "stopped") return seats
  if (!seats.ok) return seats
  const fresh = seats.value.map(laneOf)
  return done(topics.map((topic, index) => lanesOf(fresh, topic) ?? (lanes[index] as Lane)))
}

const lanesOf = (lanes: readonly Lane[], topic: string): Lane | undefined =>
  lanes.find(({ seat }) => seat.topic === topic)

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

type Reader = {
  readonly subscription: Subscription
  readonly turns: RoundRobin<Waiting>
  readonly freed: () => void
}

function deliveryOf(
  { lane, record }: Taken,
  { storage, encode }: Context,
  { subscription: { group, lookAhead = 0 }, turns, freed }: Reader,
): Delivery {
  const { seat, tracker } = lane
  const finished: Finished = { group, topic: seat.topic, offset: record.at.offset, tracker, lost: seat.lost }
  let settled: Promise<Result<void>> | null = null
  const settle = async (facts: readonly Fact[]): Promise<Result<void>> => {
    const records = encode(facts)
    const result = records.ok ? await storage.change({ records: records.value, finished }) : records
    if (result.ok) {
      lane.unacknowledged--
      freed()
    }
    return result
  }
  return {
    at: record.at,
    timestampMs: record.timestampMs,
    key: record.key,
    get headers() {
      return record.headers
    },
    content: record.content,
    lost: seat.lost,
    setAside: setAside({
      turns: lookAhead === 0 ? null : turns,
      folders: foldersOf(seat.topic, record.key),
      credit: (change) => {
        lane.unacknowledged += change
      },
      changed: freed,
    }),
    acknowledge: (facts = []) => {
      settled ??= settle(facts).then((result) => {
        // A failed acknowledgement keeps its credit and may be tried again, with the same facts or others.
        if (!result.ok) settled = null
        return result
      })
      return settled
    },
  }
}
