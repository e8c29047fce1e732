import { done, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import { OFFSETS_PER_TOPIC } from "../state/migrations.ts"
import type { Topic } from "./index.ts"

/** Kept for ever: replay rebuilds the tables from them. */
const RESULT_TOPICS: ReadonlySet<string> = new Set<Topic>([
  "proxy-made",
  "source-inspected",
  "element-failed",
  "element-removed",
  "failure-dismissed",
])

/** Work that waits for its first reader: without one nothing of it is deleted. */
const INTAKE: ReadonlySet<string> = new Set<Topic>(["element-created", "element-created-backfill", "removal-reported"])

export type Retention = {
  /** Records taken in before this time may go, epoch milliseconds. */
  readonly olderThanMs: number
  /** Most records deleted in one transaction; between two of them others write. */
  readonly chunk?: number
}

/**
 * Deletes old records and gives their number. Never a result topic's, never one that some group has still to read, and
 * of arrivals nothing before a group reads it. Fails log/unreachable, log/refused.
 */
export async function retainLog(state: State, { olderThanMs, chunk = 5_000 }: Retention): Promise<Result<number>> {
  let deleted = 0
  for (const [topic, tp] of state.topics) {
    if (RESULT_TOPICS.has(topic)) continue
    for (;;) {
      const gone = await state.write("log", () => deleteSome(state, { topic, tp, olderThanMs, chunk }))
      if (!gone.ok) return gone
      deleted += gone.value
      if (gone.value < chunk) break
    }
  }
  return done(deleted)
}

type Chunk = Required<Retention> & { readonly topic: string; readonly tp: number }

function deleteSome({ sql }: State, { topic, tp, olderThanMs, chunk }: Chunk): number {
  const first = tp * OFFSETS_PER_TOPIC
  const read = sql("SELECT min(next_off) AS off FROM group_offset WHERE tp = ?").get(tp)?.off ?? null
  if (read === null && INTAKE.has(topic)) return 0
  const unread = read === null ? first + OFFSETS_PER_TOPIC : first + Number(read)
  // Up to the first record that is young enough: what lies behind it is not even looked at.
  const young = sql("SELECT id FROM record WHERE id >= ? AND id < ? AND ts >= ? ORDER BY id LIMIT 1")
  const end = Number(young.get(first, unread, olderThanMs)?.id ?? unread)
  const gone = sql(
    "DELETE FROM record WHERE id IN (SELECT id FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
  )
  return Number(gone.run(first, end, chunk).changes)
}
