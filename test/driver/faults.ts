import { type FailureCode, failure } from "../../src/events/failure.ts"
import { failed } from "../../src/events/result.ts"

/** Makes one method of a port answer with a failure while `isDown` says so, before anything has happened. */
export const failingWhile =
  <Port extends object>(name: keyof Port, code: FailureCode, isDown: () => boolean) =>
  (port: Port): Port => {
    const call = (port[name] as (...args: unknown[]) => Promise<unknown>).bind(port)
    const refusing = (...args: unknown[]): Promise<unknown> =>
      isDown() ? Promise.resolve(failed(failure(code, `${String(name)} is made to fail`))) : call(...args)
    return { ...port, [name]: refusing }
  }

/** True for the first `times` questions. */
export function times(count: number): () => boolean {
  let left = count
  return () => {
    left -= 1
    return left >= 0
  }
}
