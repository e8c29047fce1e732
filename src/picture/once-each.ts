import type { Result } from "../events/result.ts"

/** Work that is done once for each key and kept as long as the process lives; a failure is forgotten and tried again. */
export function onceEach<T>(): (key: string, make: () => Promise<Result<T>>) => Promise<Result<T>> {
  const kept = new Map<string, Promise<Result<T>>>()
  return async (key, make) => {
    const mine = kept.get(key) ?? make()
    kept.set(key, mine)
    const made = await mine
    if (!made.ok && kept.get(key) === mine) kept.delete(key)
    return made
  }
}
