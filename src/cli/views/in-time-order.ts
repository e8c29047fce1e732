import type { Result } from "../../events/result.ts"
import type { StoredRecord } from "../../log/index.ts"

type Head = { readonly rest: AsyncIterator<Result<StoredRecord>>; readonly next: Result<StoredRecord> }

/** Merges topics by the time at which the log took their records in, holding one record of each. Ends with the first failure. */
export async function* inTimeOrder(
  topics: readonly AsyncIterable<Result<StoredRecord>>[],
): AsyncGenerator<Result<StoredRecord>> {
  let heads = (await Promise.all(topics.map((topic) => advance(topic[Symbol.asyncIterator]())))).flatMap(
    (head) => head ?? [],
  )
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a))
    yield first.next
    if (!first.next.ok) return
    const following = await advance(first.rest)
    heads = heads.flatMap((head) => (head === first ? (following ?? []) : head))
  }
}

/** A failure comes out at once. */
const timeOf = ({ next }: Head): number => (next.ok ? next.value.timestampMs : Number.NEGATIVE_INFINITY)

async function advance(rest: AsyncIterator<Result<StoredRecord>>): Promise<Head | null> {
  const { done, value } = await rest.next()
  return done === true ? null : { rest, next: value }
}
