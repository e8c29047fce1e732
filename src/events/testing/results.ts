import type { Failure, Result } from "../result.ts"

/** The value of what must have worked. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.says}`)
  return result.value
}

/** The failure of what must not have worked. */
export function failureOf(result: Result<unknown>): Failure {
  if (result.ok) throw new Error("it worked, although it should not")
  return result.failure
}
