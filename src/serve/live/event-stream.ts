import { type EventFilter, isWanted, type StreamEvent } from "./event.ts"
import { isBeyond, type MovingPositions, movingPositions, type Positions } from "./positions.ts"
import { idLine, type RecentEvents } from "./recent-events.ts"

/** Where a stream is written: the response to a browser. */
export type Sink = {
  /** Takes the bytes; false where they wait for the reader, until `drained` is told. */
  readonly write: (bytes: Buffer) => boolean
  readonly end: () => void
}

/** One stream of events: a place among the recent ones. */
export type EventStream = {
  readonly filter: EventFilter
  /** Writes what is there, as far as the reader takes it. */
  readonly pump: () => void
  /** The reader has taken what was written. */
  readonly drained: () => void
  /** An event of the log from before the recent ones; resolves when the reader can take more, false when it is gone. */
  readonly older: (event: StreamEvent) => Promise<boolean>
  /** All that is older was sent: goes on with the first of the recent ones. */
  readonly goOn: () => void
  /** Where the reader stands, as long as it has not come to the recent events. */
  readonly positions: () => Positions
  /** Tells that events are left out between the last one that was written and what comes now. */
  readonly gap: (says: string) => void
  /** A sign of life, with which a stream that nothing was said to moves on too. */
  readonly heartbeat: () => void
  /** Whether the reader has taken nothing since the last time that this was asked. */
  readonly isStalled: () => boolean
  readonly end: () => void
}

export const TOO_SLOW =
  "This reader was slower than the events came; what came meanwhile is left out. Load again what you show."

/** Signs of life that a reader may leave untaken before it counts as gone. */
const MOST_UNTAKEN = 4

type StreamOptions = {
  readonly recent: RecentEvents
  readonly filter: EventFilter
  readonly sink: Sink
  /** Where the reader stands: behind the last event that it was given, or at the end of the log. */
  readonly from: Positions
  /** Events from before the recent ones come first, by `older`. */
  readonly isBehind: boolean
}

/** Opens a stream, and writes its head. */
export function eventStream({ recent, filter, sink, from, isBehind }: StreamOptions): EventStream {
  const reader = readerOf(sink)
  // Until it has passed all that the reader has seen, in whichever order that was, a stream has positions of its own.
  let own: MovingPositions | null = movingPositions(from)
  let place = isBeyond(recent.positions.now(), from) ? recent.begin() : recent.end()
  let isWaiting = isBehind
  const id = (): Buffer => idLine((own ?? recent.positions).text())
  const gap = (says: string): void =>
    reader.write(id(), Buffer.from(`event: gap\ndata: ${JSON.stringify({ says })}\n\n`))
  const fallBack = (): void => {
    own = null
    place = recent.end()
    gap(TOO_SLOW)
  }
  const passOne = (positions: MovingPositions): void => {
    const event = recent.at(place++)
    if (event === undefined || event.offset < positions.of(event.topic, event.partition)) return
    positions.move(event.topic, event.partition, event.offset + 1)
    if (isWanted(filter, event)) reader.write(idLine(positions.text()), event.lines)
  }
  const passSome = (): void => {
    const batch = recent.batch(filter, place)
    place = batch.next
    reader.write(batch.bytes)
  }
  reader.write(OPENING, idLine(own.text()), END)
  return {
    filter,
    ...reader,
    pump: () => {
      while (reader.isReady() && !isWaiting && place < recent.end()) {
        if (place < recent.begin()) fallBack()
        else if (own === null) passSome()
        else passOne(own)
      }
      if (own !== null && place === recent.end() && !isBeyond(own.now(), recent.positions.now())) own = null
    },
    older: (event) => {
      own?.move(event.topic, event.partition, event.offset + 1)
      if (own !== null && isWanted(filter, event)) reader.write(idLine(own.text()), event.lines)
      return reader.untilReady()
    },
    positions: () => (own ?? recent.positions).now(),
    goOn: () => {
      isWaiting = false
      place = recent.begin()
    },
    gap,
    heartbeat: () => {
      if (reader.isReady() && !isWaiting) reader.write(SIGN_OF_LIFE, id(), END)
    },
  }
}

/** A browser that was cut off comes back after so long. */
const OPENING = Buffer.from("retry: 2000\n")
const SIGN_OF_LIFE = Buffer.from(":\n")
const END = Buffer.from("\n")

type Reader = Pick<EventStream, "drained" | "isStalled" | "end"> & {
  readonly write: (...parts: readonly Buffer[]) => void
  /** Whether it takes more now. */
  readonly isReady: () => boolean
  /** Resolves when it takes more; false when it is gone. */
  readonly untilReady: () => Promise<boolean>
}

/** What is known of a sink's reader: whether it has taken what was written, and whether it is there at all. */
function readerOf(sink: Sink): Reader {
  let [isBlocked, isOver, untaken] = [false, false, 0]
  let resume = Promise.withResolvers<void>()
  return {
    write: (...parts) => {
      const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts)
      if (bytes !== undefined && bytes.length > 0 && !isOver) isBlocked = !sink.write(bytes)
    },
    isReady: () => !isBlocked && !isOver,
    untilReady: async () => {
      while (isBlocked && !isOver) await resume.promise
      return !isOver
    },
    drained: () => {
      isBlocked = false
      untaken = 0
      resume.resolve()
      resume = Promise.withResolvers()
    },
    isStalled: () => isBlocked && ++untaken > MOST_UNTAKEN,
    end: () => {
      if (isOver) return
      isOver = true
      resume.resolve()
      sink.end()
    },
  }
}
