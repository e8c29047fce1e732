import { Readable } from "node:stream"
import { watchPace } from "../../network/transfer-pace.ts"
import { TOO_SLOW } from "./failure.ts"
import type { Session } from "./session.ts"

/**
 * The body of an answer as a stream of this platform; none when it is empty. To be called as soon as the answer is
 * there: a connection that breaks before somebody reads would otherwise be nobody's error and end the process. Whoever
 * reads it meets the error all the same.
 */
export function bodyOf(body: unknown): Readable {
  const stream = body instanceof Readable ? body : Readable.from([])
  return stream.on("error", () => undefined)
}

/** Gives up a request whose body comes too slowly: what stalls or drips must not hold its place for ever. */
export type PaceKeeper = {
  /** To be handed to the request: where the SDK wraps a body, only this reaches the connection behind it. */
  readonly signal: AbortSignal
  /** The body's bytes; throws where they come too slowly. */
  chunks(body: Readable): AsyncGenerator<Uint8Array>
}

export function keepPace({ clock, pace }: Session, signal: AbortSignal | undefined): PaceKeeper {
  const slow = new AbortController()
  return {
    signal: signal === undefined ? slow.signal : AbortSignal.any([signal, slow.signal]),
    chunks: async function* (body) {
      const giveUp = (error: Error): void => {
        body.destroy(error)
        slow.abort()
      }
      const watch = watchPace(
        { ...pace, clock },
        {
          tooSlow: () => giveUp(Object.assign(new Error("The body came too slowly."), { name: TOO_SLOW })),
          broken: (bug) => giveUp(bug instanceof Error ? bug : new Error(String(bug))),
        },
      )
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          watch.moved(chunk.length)
          yield chunk
        }
      } finally {
        watch.stop()
      }
    },
  }
}
