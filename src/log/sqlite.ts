import { createHash } from "node:crypto"
import { createDecoder, currentSchemas, encodeFact } from "../events/codec.ts"
import { done, failed, type Result } from "../events/result.ts"
import { FACT_TOPICS, type FactTopic } from "../events/schemas.ts"
import type { State } from "../state/index.ts"
import type { Clock } from "../system/clock.ts"
import { embeddedLog } from "./embedded.ts"
import type { EventLog } from "./index.ts"
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
  return done(embeddedLog({ clock, storage: sqliteStorage({ state, clock, decode }), encode }))
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
