import { Observable, type OperatorFunction, type Subscription, timer } from "rxjs"

export type BatchLimits = {
  /** Values in one batch. */
  readonly most: number
  /** How long the first value waits for company while nothing is under way, milliseconds. */
  readonly waitMs: number
}

/**
 * Works on values in batches, one batch at a time and in order. What arrives while a batch is under way makes the next one
 * together, so that slow work gets large batches instead of a growing line of small ones. Gives what each batch's work
 * resolves with; ends after the source and the last batch.
 */
export const inBatches =
  <T, R>(work: (batch: readonly T[]) => Promise<R>, { most, waitMs }: BatchLimits): OperatorFunction<T, R> =>
  (source) =>
    new Observable((subscriber) => {
      let waiting: T[] = []
      let isBusy = false
      let isOver = false
      let wait: Subscription | null = null
      const begin = (): void => {
        wait?.unsubscribe()
        wait = null
        if (isBusy) return
        if (waiting.length === 0) {
          if (isOver) subscriber.complete()
          return
        }
        isBusy = true
        const batch = waiting.slice(0, most)
        waiting = waiting.slice(most)
        work(batch).then(finished, (bug: unknown) => subscriber.error(bug))
      }
      const finished = (result: R): void => {
        isBusy = false
        subscriber.next(result)
        if (!subscriber.closed) begin()
      }
      const values = source.subscribe({
        next: (value) => {
          waiting.push(value)
          if (isBusy) return
          if (waiting.length >= most) begin()
          else wait ??= timer(waitMs).subscribe(begin)
        },
        error: (bug: unknown) => subscriber.error(bug),
        complete: () => {
          isOver = true
          begin()
        },
      })
      return () => {
        values.unsubscribe()
        wait?.unsubscribe()
      }
    })
