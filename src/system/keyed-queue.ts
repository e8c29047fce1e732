/** Runs a job after all earlier jobs of its key, and gives its result. */
export type KeyedQueue = <T>(key: string, job: () => Promise<T>) => Promise<T>

/**
 * Jobs of one key run one after the other, in the order of submission; jobs of different keys run side by side. It has
 * no limit of its own: whoever submits bounds how much is submitted. Only keys in use are remembered.
 */
export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>()
  return (key, job) => {
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
  }
}
