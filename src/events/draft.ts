import type { Fact, FactOf, RecordByTopic } from "./fact.ts"
import { factIdOf } from "./identity.ts"

type Stamp = "factId" | "causationId" | "recordedAtMs"

export type DraftOf<T extends keyof RecordByTopic> = {
  readonly topic: T
  /** Names what it is about: with the topic it decides the id, so that a repeat has the same. */
  readonly about: readonly string[]
  readonly value: Omit<RecordByTopic[T], Stamp>
  /** Epoch milliseconds; absent where it is recorded as soon as it is stamped. */
  readonly recordedAtMs?: number
  /** Absent where whoever stamps it knows the fact or the message before it. */
  readonly causationId?: string
}

/** A fact that has yet to get its id, its cause and its time. */
export type Draft = { readonly [T in keyof RecordByTopic]: DraftOf<T> }[keyof RecordByTopic]

/** What a draft that does not state them itself is given. */
type Since = { readonly causationId: string; readonly nowMs: number }

/** The fact of a draft: nowhere else are factId, causationId and recordedAtMs given. */
export const stamped = <T extends keyof RecordByTopic>(
  { topic, about, value, recordedAtMs, causationId }: DraftOf<T>,
  since: Since,
): FactOf<T> =>
  ({
    topic,
    value: {
      ...value,
      factId: factIdOf(topic, ...about),
      causationId: causationId ?? since.causationId,
      recordedAtMs: recordedAtMs ?? since.nowMs,
    },
  }) as FactOf<T>

/** Facts of which each is caused by the one before it, and the id of the last. */
export function stampedInTurn(
  drafts: readonly Draft[],
  since: Since,
): { readonly facts: readonly Fact[]; readonly causationId: string } {
  let { causationId } = since
  const facts = drafts.map((draft) => {
    const fact = stamped(draft, { ...since, causationId }) as Fact
    causationId = fact.value.factId
    return fact
  })
  return { facts, causationId }
}
