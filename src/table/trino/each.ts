import { done, type Result } from "../../events/result.ts"
import { PROJECTIONS, type Projection } from "./projection.ts"

/** Does something to both tables side by side; their answers in order, or the first failure once both are through. */
export async function forEachProjection<T>(
  work: (projection: Projection, index: number) => Promise<Result<T>>,
): Promise<Result<readonly T[]>> {
  const results = await Promise.all(PROJECTIONS.map(work))
  const values: T[] = []
  for (const result of results) {
    if (!result.ok) return result
    values.push(result.value)
  }
  return done(values)
}

/** Does one after the other until one fails. */
export async function inTurn(statements: Iterable<() => Promise<Result<unknown>>>): Promise<Result<void>> {
  for (const statement of statements) {
    const result = await statement()
    if (!result.ok) return result
  }
  return done(undefined)
}
