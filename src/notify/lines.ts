import { done, failed, failure } from "../events/result.ts"
import type { Notifications } from "./index.ts"
import { type Audience, messagesFor } from "./messages.ts"

/** Where lines go: resolves when they are taken (for a file: on disk), rejects with the system's error. */
export type LineSink = { write(lines: string): Promise<void>; close(): Promise<void> }

/** Writes each message's JSON as one line. A sink that refuses is an outage: a full disk or a closed pipe is waited out. */
export function openLineNotifications(sink: LineSink, audience: Audience = {}): Notifications {
  let isClosed = false
  return {
    async tell(outcomes) {
      if (isClosed) return failed(failure("notify/unreachable", "Notifications are closed."))
      const lines = outcomes.flatMap(messagesFor(audience)).map(({ value }) => `${JSON.stringify(value)}\n`)
      try {
        await sink.write(lines.join(""))
        return done(undefined)
      } catch (error) {
        return failed(failure("notify/unreachable", `Notifications could not be written: ${reasonOf(error)}.`))
      }
    },
    close: () => {
      isClosed = true
      return sink.close()
    },
  }
}

/** For an installation in which nobody asked to be notified. */
export const silentNotifications: Notifications = {
  tell: () => Promise.resolve(done(undefined)),
  close: () => Promise.resolve(),
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
