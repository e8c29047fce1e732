import type { Observable } from "rxjs"

/** Values of an observable one by one, in order; holds back what nobody has asked for yet. Ends and throws as it does. */
export async function* eachValueFrom<T>(values: Observable<T>): AsyncGenerator<T> {
  const waiting: T[] = []
  let wake = Promise.withResolvers<void>()
  let ended = false
  let problem: unknown = null
  const end = (error: unknown): void => {
    ended = true
    problem = error
    wake.resolve()
  }
  const subscription = values.subscribe({
    next: (value) => {
      waiting.push(value)
      wake.resolve()
    },
    error: end,
    complete: () => end(null),
  })
  try {
    while (!ended || waiting.length > 0) {
      await wake.promise
      wake = Promise.withResolvers()
      if (ended) wake.resolve()
      yield* waiting.splice(0)
    }
  } finally {
    subscription.unsubscribe()
  }
  if (problem !== null) throw problem
}
