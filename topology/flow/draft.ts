import type { Fact, RecordByTopic } from "../../src/events/fact.ts"
import { factIdOf } from "../../src/events/identity.ts"
import type { FactTopic } from "../../src/events/schemas.ts"

type Stamp = "factId" | "causationId" | "recordedAtMs"

/** A fact that the flow has yet to give its id, its cause and its time. */
export type Draft = {
  readonly [T in FactTopic]: {
    readonly topic: T
    /** Names what it is about: with the topic it decides the id, so that a repeat has the same. */
    readonly about: readonly string[]
    readonly value: Omit<RecordByTopic[T], Stamp>
    /** Epoch milliseconds; now where it is absent. */
    readonly recordedAtMs?: number
    /** The fact before it on the same way where it is absent. */
    readonly causationId?: string
  }
}[FactTopic]

/** Where factId, causationId and recordedAtMs are given. */
export const stamped = (
  { topic, about, value, recordedAtMs, causationId }: Draft,
  since: { readonly causationId: string; readonly nowMs: number },
): Fact =>
  ({
    topic,
    value: {
      ...value,
      factId: factIdOf(topic, ...about),
      causationId: causationId ?? since.causationId,
      recordedAtMs: recordedAtMs ?? since.nowMs,
    },
  }) as Fact

/** Each fact is caused by the one before it. */
export function stampedInTurn(drafts: readonly Draft[], since: { causationId: string; nowMs: number }) {
  let { causationId } = since
  const facts = drafts.map((draft) => {
    const fact = stamped(draft, { ...since, causationId })
    causationId = fact.value.factId
    return fact
  })
  return { facts, causationId }
}
