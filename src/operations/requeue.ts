/** What somebody asks of frames that are known: to be taken up again. The command line and the API both do it so. */

import { done, type Result } from "../events/result.ts"
import { again, type TakenUpAgain } from "../ingest/listing/listing.ts"
import { type QueuedArrivals, type QueuePorts, queuedArrivals } from "../ingest/listing/queued-arrivals.ts"
import type { EventLog } from "../log/index.ts"
import type { Clock } from "../system/clock.ts"
import type { ElementRow } from "../table/rows.ts"

/** Rows as a table gives them, or some that are known. */
type Rows = AsyncIterable<Result<ElementRow>> | Iterable<Result<ElementRow>>

/** Arrivals appended at once. */
const BATCH = 500

export type RequeuePorts = { readonly log: Pick<EventLog, "append">; readonly clock: Pick<Clock, "nowMs"> }

export type RequeueOrder = Omit<TakenUpAgain, "nowMs"> & {
  /** Ends it between two batches; what was appended by then is. */
  readonly stop?: AbortSignal
}

/**
 * Appends a new arrival for each row, some hundred at once, and gives how many. No offset is moved back. Asking twice before
 * the first is taken up asks once.
 */
export async function requeueRows(
  { log, clock }: RequeuePorts,
  rows: Rows,
  { stop, ...order }: RequeueOrder,
): Promise<Result<number>> {
  let batch: ElementRow[] = []
  let queued = 0
  const append = async (): Promise<Result<void>> => {
    const arrivals = batch.map((row) => again(row, { ...order, nowMs: clock.nowMs() }))
    queued += batch.length
    batch = []
    return arrivals.length === 0 ? done(undefined) : log.append(arrivals)
  }
  for await (const row of rows) {
    if (stop?.aborted) return done(queued)
    if (!row.ok) return row
    if (batch.push(row.value) < BATCH) continue
    const appended = await append()
    if (!appended.ok) return appended
  }
  const appended = stop?.aborted ? done(undefined) : await append()
  return appended.ok ? done(queued) : appended
}

/** Which of these rows are rendered anew, and which will be anyway. */
export type RowsToRender = {
  /** Live rows whose arrival does not wait in the queue. */
  readonly unqueued: (rows: Rows) => AsyncGenerator<Result<ElementRow>>
}

/** Has to be called before the rows are read, so that a frame finished in between is not taken for a queued one. */
export async function lookAtQueue(queue: QueuePorts): Promise<Result<RowsToRender>> {
  const queued = await queuedArrivals(queue)
  return queued.ok ? done({ unqueued: (rows) => unqueuedRows(rows, queued.value) }) : queued
}

async function* unqueuedRows(rows: Rows, queued: QueuedArrivals): AsyncGenerator<Result<ElementRow>> {
  for await (const row of rows) {
    const held = row.ok && row.value.state === "queued" ? await queued.holds(row.value) : done(false)
    if (!held.ok) yield held
    else if (!held.value) yield row
  }
}
