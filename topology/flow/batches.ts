import { Observable, type OperatorFunction } from "rxjs"
import { AWAKE, type Clock } from "../../src/system/clock.ts"

export type BatchLimits = {
  /** Values in one batch. */
  readonly most: number
  /** How long the first value waits for company while nothing is under way, milliseconds. */
  readonly waitMs: number
  readonly clock: Pick<Clock, "sleep">
  /** Once it aborts, no value waits for company any more: none is to come. */
  readonly last?: AbortSignal | undefined
}

/**
 * Works on values in batches, one batch at a time and in order. What arrives while a batch is under way makes the next one
 * together, so that slow work gets large batches instead of a growing line of small ones. Gives what each batch's work
 * resolves with; ends after the source and the last batch.
 */
export const inBatches =
  <T, R>(
    work: (batch: readonly T[]) => Promise<R>,
    { most, waitMs, clock, last }: BatchLimits,
  ): OperatorFunction<T, R> =>
  (source) =>
    new Observable((subscriber) => {
      let queued: T[] = []
      let isBusy = false
      let isOver = false
      let wait: AbortController | null = null
      const begin = (): void => {
        wait?.abort(AWAKE)
        wait = null
        if (isBusy) return
        if (queued.length === 0) {
          if (isOver) subscriber.complete()
          return
        }
        isBusy = true
        const batch = queued.slice(0, most)
        queued = queued.slice(most)
        work(batch).then(finished, (bug: unknown) => subscriber.error(bug))
      }
      const finished = (result: R): void => {
        isBusy = false
        subscriber.next(result)
        if (!subscriber.closed) begin()
      }
      const beginSoon = async (): Promise<void> => {
        const waiting = new AbortController()
        wait = waiting
        await clock.sleep(waitMs, last === undefined ? waiting.signal : AbortSignal.any([waiting.signal, last]))
        if (!waiting.signal.aborted) begin()
      }
      const values = source.subscribe({
        next: (value) => {
          queued.push(value)
          if (isBusy) return
          if (queued.length >= most) begin()
          else if (wait === null) void beginSoon()
        },
        error: (bug: unknown) => subscriber.error(bug),
        complete: () => {
          isOver = true
          begin()
        },
      })
      return () => {
        values.unsubscribe()
        wait?.abort(AWAKE)
      }
    })
