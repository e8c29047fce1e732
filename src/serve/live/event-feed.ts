// One tail of the log for all streams.

import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { type EventLog, TOPICS, type Topic } from "../../log/index.ts"
import type { Clock } from "../../system/clock.ts"
import { keyedQueue } from "../../system/concurrency.ts"
import { unattended } from "../../system/unattended.ts"
import { type EventFilter, streamEvent } from "./event.ts"
import { type EventStream, eventStream, type Sink } from "./event-stream.ts"
import { behind, coordinatesOf, isBeyond, offsetIn, type Positions, positionsAt } from "./positions.ts"
import { RECENT_LIMITS, type RecentEvents, type RecentLimits, recentEvents } from "./recent-events.ts"

export type FeedPorts = {
  readonly log: Pick<EventLog, "read" | "ends">
  readonly clock: Clock
  /** Hears of a log that is away. */
  readonly note: (failure: Failure) => void
  /** Hears of a bug of ours. */
  readonly broken: (bug: unknown) => void
  readonly limits?: RecentLimits
}

export type StreamRequest = {
  readonly filter: EventFilter
  /** Where the reader stopped before; null for one that comes anew. */
  readonly from: Positions | null
  readonly sink: Sink
}

export type EventFeed = {
  /** Opens a stream. Fails as the log does. */
  readonly join: (request: StreamRequest) => Promise<Result<EventStream>>
  readonly leave: (stream: EventStream) => void
  readonly streams: () => number
  /** Ends all streams, and takes no more. */
  readonly close: () => Promise<void>
}

/** Most events that a stream which comes back is given from before the recent ones. */
const MOST_BEHIND = 10_000

/** Events of each topic from before the first stream, for those that a start of this process has cut off. */
const EARLIER = 256

/** Between two rounds over the streams; longer where a round takes so long that it would be more than a twentieth of the time. */
const REST_MS = 20
const MOST_REST_MS = 1_000
const SHARE = 20

const HEARTBEAT_MS = 15_000

/** How long the log is followed for nobody: a page that is loaded again finds what came meanwhile. */
const LINGER_BEATS = 4

const TOO_FAR = `More than ${MOST_BEHIND} events came since this reader was here; they are left out. Load again what you show.`

const OTHER_LOG =
  "The log is another than the one of the Last-Event-ID: events before now are left out. Load again what you show."

type Tail = { readonly recent: RecentEvents; readonly stop: AbortController; readonly over: Promise<void> }

/** Follows the log from its end on for as long as there are streams, and sends each of them what it asks for. */
export function openEventFeed(ports: FeedPorts): EventFeed {
  const { log, broken } = ports
  const streams = new Set<EventStream>()
  const closing = new AbortController()
  const inTurn = keyedQueue()
  let tail: Promise<Result<Tail>> | null = null
  const running = async (): Promise<Result<Tail>> => {
    tail ??= beginTail(ports, streams, closing.signal)
    const opened = await tail
    if (opened.ok && !opened.value.stop.signal.aborted) return opened
    // It failed, or has just ended for want of streams: whoever comes next begins another one.
    tail = null
    if (!opened.ok) return opened
    if (closing.signal.aborted) return failed(failure("stopped", "The server is being stopped."))
    await opened.value.over
    return running()
  }
  return {
    join: async ({ filter, from, sink }) => {
      const [opened, ends] = await Promise.all([running(), log.ends(TOPICS)])
      if (!opened.ok) return opened
      if (!ends.ok) return ends
      const { recent } = opened.value
      const place = placeOf(from, {
        end: positionsAt(ends.value),
        begin: recent.beginPositions(),
        topics: filter.topics,
      })
      const stream = eventStream({ recent, filter, sink, ...place })
      streams.add(stream)
      if (place.gap !== null) stream.gap(place.gap)
      if (place.isBehind) unattended(() => inTurn("older", () => sendOlder(ports, stream, recent)), broken)
      stream.pump()
      return done(stream)
    },
    leave: (stream) => {
      streams.delete(stream)
      stream.end()
    },
    streams: () => streams.size,
    close: async () => {
      closing.abort()
      endAll(streams)
      const opened = await tail
      if (opened?.ok) await opened.value.over
    },
  }
}

type LogPlaces = { readonly begin: Positions; readonly end: Positions; readonly topics: readonly Topic[] }

/** Where a stream begins: where its reader stopped, if that is not too far back and of this log; else at the end. */
function placeOf(
  from: Positions | null,
  { begin, end, topics }: LogPlaces,
): { readonly from: Positions; readonly isBehind: boolean; readonly gap: string | null } {
  if (from === null) return { from: end, isBehind: false, gap: null }
  if (isBeyond(from, end)) return { from: end, isBehind: false, gap: OTHER_LOG }
  const missed = behind(from, begin, topics)
  return missed > MOST_BEHIND ? { from: end, isBehind: false, gap: TOO_FAR } : { from, isBehind: missed > 0, gap: null }
}

function endAll(streams: Set<EventStream>): void {
  for (const stream of streams) stream.end()
  streams.clear()
}

/** Follows the log for the streams. However that ends, the streams end with it, and come back. */
async function beginTail(ports: FeedPorts, streams: Set<EventStream>, closing: AbortSignal): Promise<Result<Tail>> {
  const { log, clock, broken, limits = RECENT_LIMITS } = ports
  const ends = await log.ends(TOPICS)
  if (!ends.ok) return ends
  const stop = new AbortController()
  const recent = recentEvents(positionsAt(earlier(ends.value)), limits)
  const rounds = roundsOver({ streams, limits, clock, broken })
  const over = follow(ports, recent, { stop: AbortSignal.any([stop.signal, closing]), rounds }).finally(() => {
    stop.abort()
    endAll(streams)
  })
  over.catch(broken)
  unattended(() => beat({ clock, streams, stop }), broken)
  return done({ recent, stop, over })
}

/** A little before the ends. */
function earlier(ends: Parameters<typeof positionsAt>[0]): Parameters<typeof positionsAt>[0] {
  const partitions = new Map<Topic, number>()
  for (const { topic } of ends) partitions.set(topic, (partitions.get(topic) ?? 0) + 1)
  return ends.map(({ offset, ...at }) => ({
    ...at,
    offset: Math.max(0, offset - Math.ceil(EARLIER / (partitions.get(at.topic) ?? 1))),
  }))
}

type Following = { readonly stop: AbortSignal; readonly rounds: Rounds }

/** Takes in what the log is given, until it is told to stop or the log cannot be read. */
async function follow({ log, note }: FeedPorts, recent: RecentEvents, { stop, rounds }: Following): Promise<void> {
  const from = coordinatesOf(recent.positions.now())
  for await (const record of log.read(TOPICS, { from, follow: stop })) {
    if (!record.ok) return note(record.failure)
    const event = streamEvent(record.value)
    recent.add(event)
    rounds.ask(event.lines.length)
  }
}

/** Rounds over the streams. */
type Rounds = {
  /** An event of so many bytes is there for them. */
  readonly ask: (bytes: number) => void
}

type RoundsOf = Pick<FeedPorts, "clock" | "broken"> & {
  readonly streams: ReadonlySet<EventStream>
  readonly limits: RecentLimits
}

/**
 * Between two rounds lies as much rest as keeps them at a twentieth of the time, so that a thousand streams get larger pieces,
 * not more of the machine. A round comes earlier where events would go that a ready reader was not given.
 */
function roundsOver({ streams, limits, clock, broken }: RoundsOf): Rounds {
  let [isAsked, restMs, events, bytes] = [false, REST_MS, 0, 0]
  const now = (): void => {
    events = 0
    bytes = 0
    const begunMs = clock.steadyMs()
    for (const stream of streams) stream.pump()
    restMs = Math.min(MOST_REST_MS, Math.max(REST_MS, SHARE * (clock.steadyMs() - begunMs)))
  }
  const later = async (): Promise<void> => {
    await clock.sleep(restMs)
    isAsked = false
    now()
  }
  return {
    ask: (size) => {
      events++
      bytes += size
      if (events * 2 >= limits.events || bytes * 2 >= limits.bytes) return now()
      if (isAsked) return
      isAsked = true
      unattended(later, broken)
    },
  }
}

type Beating = { readonly clock: Clock; readonly streams: Set<EventStream>; readonly stop: AbortController }

/** Signs of life; readers that have taken nothing for long are let go, and the log is not followed for nobody. */
async function beat({ clock, streams, stop }: Beating): Promise<void> {
  for (let idle = 0; idle < LINGER_BEATS && !stop.signal.aborted; idle = streams.size === 0 ? idle + 1 : 0) {
    await clock.sleep(HEARTBEAT_MS, stop.signal)
    for (const stream of streams) {
      if (stream.isStalled()) {
        streams.delete(stream)
        stream.end()
      } else stream.heartbeat()
    }
  }
  stop.abort()
}

/** What a stream that comes back has missed of before the recent events. One at a time: each reads the log. */
async function sendOlder({ log, note }: FeedPorts, stream: EventStream, recent: RecentEvents): Promise<void> {
  for (;;) {
    // While it is sent, the recent events move on.
    const [start, until] = [stream.positions(), recent.beginPositions()]
    const topics = stream.filter.topics.filter((topic) => behind(start, until, [topic]) > 0)
    if (topics.length === 0) break
    for await (const record of log.read(topics, { from: coordinatesOf(start) })) {
      if (!record.ok) {
        note(record.failure)
        return stream.end()
      }
      const event = streamEvent(record.value)
      const isOlder = event.offset < offsetIn(until, event.topic, event.partition)
      if (isOlder && !(await stream.older(event))) return
    }
  }
  stream.goOn()
  stream.pump()
}
