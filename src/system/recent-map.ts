import type { Result } from "../events/result.ts"

/** A map of the latest values: with one more than it may hold, the oldest goes. */
export type RecentMap<Value> = {
  get(key: string): Value | undefined
  /** The key is the latest from now on. */
  set(key: string, value: Value): void
  delete(key: string): void
}

export function recentMap<Value>(most: number): RecentMap<Value> {
  const values = new Map<string, Value>()
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.delete(key)
      values.set(key, value)
      const [oldest] = values.size > most ? values.keys() : []
      if (oldest !== undefined) values.delete(oldest)
    },
    delete: (key) => void values.delete(key),
  }
}

/**
 * Work that is done once for each key and kept as long as the process lives, or until `most` others were used since; a
 * failure is forgotten and tried again.
 */
export function onceEach<T>(
  most = Number.POSITIVE_INFINITY,
): (key: string, make: () => Promise<Result<T>>) => Promise<Result<T>> {
  const kept = recentMap<Promise<Result<T>>>(most)
  return async (key, make) => {
    const mine = kept.get(key) ?? make()
    kept.set(key, mine)
    const made = await mine
    if (!made.ok && kept.get(key) === mine) kept.delete(key)
    return made
  }
}
