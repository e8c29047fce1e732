import type { Result } from "../events/result.ts"

/**
 * Work that is done once for each key and kept as long as the process lives, or until `most` others were used since; a failure
 * is forgotten and tried again.
 */
export function onceEach<T>(
  most = Number.POSITIVE_INFINITY,
): (key: string, make: () => Promise<Result<T>>) => Promise<Result<T>> {
  const kept = new Map<string, Promise<Result<T>>>()
  return async (key, make) => {
    const mine = kept.get(key) ?? make()
    kept.delete(key)
    kept.set(key, mine)
    if (kept.size > most) kept.delete(kept.keys().next().value ?? "")
    const made = await mine
    if (!made.ok && kept.get(key) === mine) kept.delete(key)
    return made
  }
}
