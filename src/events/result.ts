import type { Failure } from "./failure.ts"

/** What the world did, as a value: a rejected promise or a throw means a bug of ours, never a bad file or a lost server. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export const done = <T>(value: T): Result<T> => ({ ok: true, value })

export const failed = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure })

/** The values of all, or the first failure. */
export function allOf<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const values: T[] = []
  for (const result of results) {
    if (!result.ok) return result
    values.push(result.value)
  }
  return done(values)
}

/** The values of a stream of results, or its first failure. */
export async function collect<T>(results: AsyncIterable<Result<T>>): Promise<Result<readonly T[]>> {
  const values: T[] = []
  for await (const result of results) {
    if (!result.ok) return result
    values.push(result.value)
  }
  return done(values)
}
