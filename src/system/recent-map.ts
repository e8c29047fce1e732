/** A map of the latest values: with one more than it may hold, the oldest goes. */
export type RecentMap<Value> = {
  get(key: string): Value | undefined
  /** The key is the latest from now on. */
  set(key: string, value: Value): void
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
  }
}
