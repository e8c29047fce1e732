import type { Fact } from "../events/fact.ts"
import { type Failure, isAboutOneRecord } from "../events/failure.ts"
import { done, type Result } from "../events/result.ts"
import type { DeadLetter, EventLog } from "./index.ts"

type Records = readonly (Fact | DeadLetter)[]

/**
 * Appends a batch of records that do not belong together: in one go, and where the log cannot write one of them, one
 * after the other, so that it takes none of its neighbours along. `instead` says what is appended in place of one that
 * cannot be written; its own failure to be written ends the batch.
 */
export async function appendApart<T>(
  append: EventLog["append"],
  items: readonly T[],
  recordsOf: (item: T) => Records,
  instead: (item: T, failure: Failure) => Records,
): Promise<Result<void>> {
  const together = await appendAny(append, items.flatMap(recordsOf))
  if (together.ok || !isAboutOneRecord(together.failure)) return together
  for (const item of items) {
    const alone = await appendAny(append, recordsOf(item))
    if (alone.ok) continue
    if (!isAboutOneRecord(alone.failure)) return alone
    const replaced = await appendAny(append, instead(item, alone.failure))
    if (!replaced.ok) return replaced
  }
  return done(undefined)
}

const appendAny = (append: EventLog["append"], records: Records): Promise<Result<void>> =>
  records.length === 0 ? Promise.resolve(done(undefined)) : append(records)
