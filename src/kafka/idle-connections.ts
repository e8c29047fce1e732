import { createRequire } from "node:module"

/** What is touched of the queue of requests that kafkajs keeps for each connection. */
export type RequestQueue = {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

const Queue: { readonly prototype: RequestQueue } = createRequire(import.meta.url)("kafkajs/src/network/requestQueue")
const schedule = Queue.prototype.scheduleCheckPendingRequests
if (typeof schedule !== "function") throw new TypeError("kafkajs schedules no check of pending requests any more")

/**
 * Lets connections of the Kafka client rest while they have nothing to send. kafkajs 2.2.4 looks after each answer whether
 * requests wait because a broker throttles them. Where none does, it asks for a timer in the past and then looks again,
 * for ever: a thousand times a second for each connection, 2 % of a core for ten idle ones, and Node 24 prints
 * TimeoutNegativeWarning (tulios/kafkajs, issues 1704 and 1751, both open). A request that has to wait schedules a look by
 * itself, so that none is lost. The client's classes are one for the whole process; its version is pinned.
 */
export function restIdleConnections(): void {
  Queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}
