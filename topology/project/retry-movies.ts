import type { FactOf } from "../../src/events/fact.ts"
import { stamped } from "../../src/events/identity.ts"
import type { SequenceSettled } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { EventLog } from "../../src/log/index.ts"
import type { SequenceRow } from "../../src/table/sequence-rows.ts"

/**
 * The last settlement of each of these sequences once more, as of later: their movies are tried again. One that is settled
 * anew meanwhile is ahead of it. Reads the topic of settlements once.
 */
export async function settledAgain(
  log: Pick<EventLog, "read">,
  rows: readonly SequenceRow[],
  nowMs: number,
): Promise<Result<readonly FactOf<"sequence-settled">[]>> {
  if (rows.length === 0) return done([])
  const wanted = new Set(rows.map(({ sequence_id: id }) => id))
  const last = new Map<string, SequenceSettled>()
  for await (const record of log.read("sequence-settled")) {
    if (!record.ok) return record
    const { content } = record.value
    if (!("fact" in content) || content.fact.topic !== "sequence-settled") continue
    const { value } = content.fact
    const { sequenceId } = value.sequence
    const isLater = value.asOfMs >= (last.get(sequenceId)?.asOfMs ?? Number.NEGATIVE_INFINITY)
    if (wanted.has(sequenceId) && isLater) last.set(sequenceId, value)
  }
  return done([...last.values()].map((settled) => again(settled, nowMs)))
}

function again({ factId, ...settled }: SequenceSettled, nowMs: number): FactOf<"sequence-settled"> {
  const asOfMs = settled.asOfMs + 1
  const about = [settled.sequence.sequenceId, settled.revision, String(asOfMs)]
  const { causationId: _, recordedAtMs: __, ...said } = settled
  return stamped({ topic: "sequence-settled", about, value: { ...said, asOfMs } }, { causationId: factId, nowMs })
}
