/**
 * Jobs of one key run one after the other, in the order of submission; jobs of different keys run side by side. It has
 * no limit of its own: credits bound what is submitted, lanes bound what a step may do at once.
 */
export type KeyedExecutor = { submit<T>(key: string, job: () => Promise<T>): Promise<T> }

export function keyedExecutor(): KeyedExecutor {
  const tails = new Map<string, Promise<unknown>>()
  return {
    submit(key, job) {
      const previous = tails.get(key)
      const result = previous === undefined ? job() : previous.then(job)
      const tail = result.then(
        () => undefined,
        () => undefined,
      )
      tails.set(key, tail)
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      return result
    },
  }
}
