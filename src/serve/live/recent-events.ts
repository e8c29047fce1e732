import { type EventFilter, isWanted, type StreamEvent } from "./event.ts"
import { MOST_ID_CHARACTERS, type MovingPositions, movingPositions, type Positions } from "./positions.ts"

/** An event that is kept for streams that have not come to it, and the id of a stream that was given it. */
export type RecentEvent = StreamEvent & { readonly id: string }

/** What streams are sent in one go, and where they stand then. */
export type EventBatch = { readonly bytes: Buffer; readonly next: number }

/**
 * The last events, numbered from 0 on: the one queue of all streams. A stream is a number in it, and holds nothing of its own;
 * whoever falls behind its beginning has lost events and is told so.
 */
export type RecentEvents = {
  readonly add: (event: StreamEvent) => void
  /** Number of the first event that is kept. */
  readonly begin: () => number
  /** Number of the next event. */
  readonly end: () => number
  readonly at: (number: number) => RecentEvent | undefined
  /** Positions of the first event that is kept, and behind the last one. */
  readonly beginPositions: () => Positions
  readonly positions: MovingPositions
  /** What a filter lets through from this number on, some 64 KB; those who stand at one place with one filter share it. */
  readonly batch: (filter: EventFilter, from: number) => EventBatch
}

export type RecentLimits = { readonly events: number; readonly bytes: number }

export const RECENT_LIMITS: RecentLimits = { events: 8_192, bytes: 16 * 1024 * 1024 }

/** Bytes that a stream is sent at once; a larger event goes alone. */
export const BATCH_BYTES = 65_536

/** Batches that are remembered while nothing is added: streams that fell back lie apart, and share nothing. */
const MOST_SHARED = 64

export function recentEvents(start: Positions, limits: RecentLimits = RECENT_LIMITS): RecentEvents {
  const kept: (RecentEvent | undefined)[] = new Array(limits.events)
  const [first, positions] = [movingPositions(start), movingPositions(start)]
  const shared = new Map<string, EventBatch>()
  let [begin, end, bytes] = [0, 0, 0]
  const at = (number: number): RecentEvent | undefined =>
    number >= begin && number < end ? kept[number % limits.events] : undefined
  const drop = (): void => {
    const oldest = at(begin)
    if (oldest !== undefined) {
      bytes -= oldest.lines.length
      first.move(oldest.topic, oldest.partition, oldest.offset + 1)
    }
    kept[begin % limits.events] = undefined
    begin++
  }
  return {
    add: (event) => {
      if (end - begin === limits.events) drop()
      positions.move(event.topic, event.partition, event.offset + 1)
      kept[end % limits.events] = { ...event, id: positions.text() }
      end++
      bytes += event.lines.length
      while (bytes > limits.bytes && end - begin > 1) drop()
      shared.clear()
    },
    begin: () => begin,
    end: () => end,
    at,
    beginPositions: first.now,
    positions,
    batch: (filter, from) => {
      const name = JSON.stringify([from, filter.topics, filter.bucket, filter.prefix])
      const found = shared.get(name) ?? batchOf(at, filter, { from, end })
      if (shared.size >= MOST_SHARED) shared.clear()
      shared.set(name, found)
      return found
    },
  }
}

function batchOf(
  at: RecentEvents["at"],
  filter: EventFilter,
  { from, end }: { readonly from: number; readonly end: number },
): EventBatch {
  const parts: Buffer[] = []
  let [next, size] = [from, 0]
  while (next < end && size < BATCH_BYTES) {
    const event = at(next++)
    if (event === undefined || !isWanted(filter, event)) continue
    parts.push(idLine(event.id), event.lines)
    size += event.lines.length
  }
  return { bytes: Buffer.concat(parts), next }
}

/** The line that a browser remembers to come back with; nothing where so many partitions would not fit into its request. */
export const idLine = (id: string): Buffer => Buffer.from(id.length > MOST_ID_CHARACTERS ? "" : `id: ${id}\n`)
