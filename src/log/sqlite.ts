import { createHash } from "node:crypto"
import { createDecoder, currentSchemas, encodeFact } from "../events/codec.ts"
import { done, failed, type Result } from "../events/result.ts"
import { FACT_TOPICS, type FactTopic } from "../events/schemas.ts"
import { OFFSETS_PER_TOPIC } from "../state/database-file.ts"
import type { State } from "../state/index.ts"
import type { Clock } from "../system/clock.ts"
import { embeddedLog } from "./embedded.ts"
import { type EventLog, RESULT_TOPICS, type Topic } from "./index.ts"
import { sqliteStorage } from "./sqlite-storage.ts"
import type { EncodeFact } from "./storage.ts"

/**
 * The log inside a {@link State}: facts, group positions and writer schemas in one SQLite file, so that a fact and the
 * offset behind it commit together. In read mode appending and delivering fail log/refused. Closing it leaves the state
 * open. Fails log/unreachable, log/refused.
 */
export async function openSqliteLog({ state, clock }: { state: State; clock: Clock }): Promise<Result<EventLog>> {
  const ids = state.mode === "own" ? await storeSchemas(state) : done(new Map<FactTopic, number>())
  if (!ids.ok) return failed(ids.failure)
  const decode = createDecoder((id) => {
    const row = state.sql("SELECT text FROM writer_schema WHERE id = ?").get(id)
    return row === undefined ? null : String(row.text)
  })
  const encode: EncodeFact = (fact) => encodeFact(fact, ids.value.get(fact.topic) ?? 0)
  return done(embeddedLog({ clock, storage: sqliteStorage(state, clock, decode), encode }))
}

/** Ids of this version's schemas; an id once given keeps its meaning for ever. */
function storeSchemas(state: State): Promise<Result<ReadonlyMap<FactTopic, number>>> {
  return state.write("log", () => new Map(FACT_TOPICS.map((topic) => [topic, schemaIdOf(state, topic)])))
}

function schemaIdOf({ sql }: State, topic: FactTopic): number {
  const text = currentSchemas.get(topic) ?? ""
  const fingerprint = createHash("sha256").update(text).digest("hex")
  sql("INSERT INTO writer_schema(topic, fingerprint, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(
    topic,
    fingerprint,
    text,
  )
  return Number(sql("SELECT id FROM writer_schema WHERE fingerprint = ?").get(fingerprint)?.id)
}

/** Topics of arrivals: nothing is deleted from them before a group has begun to read. */
const INTAKE: ReadonlySet<string> = new Set<Topic>([
  "element-created",
  "element-created-backfill",
  "removal-reported",
  "hint-reported",
])

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
    if (RESULT_TOPICS.some((kept) => kept === topic)) continue
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
