import type { Clock } from "../events/clock.ts"
import type { Fact } from "../events/fact.ts"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import { createBell } from "./bell.ts"
import type { DeadLetter, Delivery, StoredRecord, Subscription } from "./index.ts"
import { createPartitionTracker, type PartitionTracker } from "./partition-tracker.ts"
import type { Finished, Kept, Seat, Storage } from "./storage.ts"

/** Most records of a topic that are delivered above its committed offset: what a crash may deliver again. */
const MOST_PENDING = 100_000

/** Records read ahead at once. */
const READ_AHEAD = 256

const OUTAGE_PAUSE_MS = 500

/** One topic of a subscription: where its reader stands, what it has out. */
type Lane = {
  readonly seat: Seat
  readonly tracker: PartitionTracker
  position: number
  ahead: readonly StoredRecord[]
  /** Index of the next record in `ahead`. */
  next: number
  /** Count of changes at which the lane was found to be at its end: until the next there is nothing to look for. */
  emptyAt: number
  unacknowledged: number
}

const laneOf = (seat: Seat): Lane => ({
  seat,
  tracker: createPartitionTracker(MOST_PENDING),
  position: seat.position,
  ahead: [],
  next: 0,
  emptyAt: -1,
  unacknowledged: 0,
})

/** Fails log/unencodable, log/too-large. */
export type Encode = (records: readonly (Fact | DeadLetter)[]) => Result<readonly Kept[]>

type Context = { readonly storage: Storage; readonly clock: Clock; readonly encode: Encode }

/** The port's `deliver` on an embedded log. */
export async function* deliverFrom(context: Context, subscription: Subscription): AsyncGenerator<Result<Delivery>> {
  const { storage } = context
  const { stop, credits } = subscription
  const bell = createBell()
  let changes = 0
  const silence = storage.onChange(() => {
    changes++
    bell.ring()
  })
  stop.addEventListener("abort", bell.ring)
  let lanes: readonly Lane[] = []
  let turn = 0
  try {
    while (!stop.aborted) {
      if (lanes.length === 0 || lanes.some(({ seat }) => seat.lost.aborted)) {
        const seated = await reseat(context, subscription, lanes)
        if (seated === "stopped") return
        if (!seated.ok) return yield seated
        lanes = seated.value
      }
      const out = lanes.reduce((sum, lane) => sum + lane.unacknowledged, 0)
      const record = out < credits ? takeNext(storage, lanes, { turn: turn++, changes }) : done(null)
      if (!record.ok && record.failure.kind !== "outage") return yield record
      if (!record.ok) await context.clock.sleep(OUTAGE_PAUSE_MS, stop)
      else if (record.value === null) await bell.rung()
      else yield done(deliveryOf(record.value, context, { group: subscription.group, freed: bell.ring }))
    }
  } finally {
    silence()
    stop.removeEventListener("abort", bell.ring)
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

type Taken = { readonly lane: Lane; readonly record: StoredRecord }

type Moment = { readonly turn: number; readonly changes: number }

/** The next record of the first lane that has one, from another lane at each turn, so that no topic starves another. */
function takeNext(storage: Storage, lanes: readonly Lane[], now: Moment): Result<Taken | null> {
  for (let index = 0; index < lanes.length; index++) {
    const lane = lanes[(now.turn + index) % lanes.length] as Lane
    const filled = readAhead(storage, lane, now.changes)
    if (!filled.ok) return filled
    const record = lane.ahead[lane.next]
    if (record === undefined || !lane.tracker.track(record.at.offset)) continue
    lane.next++
    lane.unacknowledged++
    return done({ lane, record })
  }
  return done(null)
}

const NOTHING_TO_READ = done(undefined)

function readAhead(storage: Storage, lane: Lane, changes: number): Result<void> {
  if (lane.next < lane.ahead.length || lane.emptyAt === changes) return NOTHING_TO_READ
  const { topic } = lane.seat
  const end = storage.end(topic)
  if (!end.ok) return end
  if (lane.position >= end.value) {
    lane.emptyAt = changes
    return NOTHING_TO_READ
  }
  const page = storage.page({ topic, from: lane.position, until: end.value, sinceMs: 0, limit: READ_AHEAD })
  if (!page.ok) return page
  lane.ahead = page.value
  lane.next = 0
  // A short page reached the end, whatever holes there are.
  const last = page.value.length === READ_AHEAD ? page.value.at(-1) : undefined
  lane.position = last === undefined ? end.value : last.at.offset + 1
  return NOTHING_TO_READ
}

type Reader = { readonly group: string; readonly freed: () => void }

function deliveryOf({ lane, record }: Taken, { storage, encode }: Context, { group, freed }: Reader): Delivery {
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
