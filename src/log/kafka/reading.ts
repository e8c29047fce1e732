import type { KafkaMessage } from "kafkajs"
import { createDecoder, schemaIdOf } from "../../events/codec.ts"
import { done, type Result } from "../../events/result.ts"
import type { Observe } from "../../kafka/index.ts"
import type { Clock } from "../../system/clock.ts"
import type { StoredRecord, Topic } from "../index.ts"
import { storedMessage } from "./records.ts"
import type { SchemaCache } from "./registry.ts"

export type Consumed = { readonly topic: Topic; readonly partition: number; readonly message: KafkaMessage }

/**
 * What a consumed message says. While the registry cannot be asked for its schema it waits, since a record is undecodable
 * only when somebody has looked; null when `until` aborts first. Asked for a signal only when there is a wait.
 */
export type Readable = (consumed: Consumed, until: () => AbortSignal) => Promise<StoredRecord | null>

const LEAST_PAUSE_MS = 250
const MOST_PAUSE_MS = 5_000

export function createReader(schemas: SchemaCache, clock: Clock, observe: Observe): Readable {
  const decode = createDecoder(schemas.text)
  return async (consumed, until) => {
    let pauseMs = LEAST_PAUSE_MS
    for (;;) {
      const looked = await look(schemas, consumed)
      if (looked.ok) return storedMessage(consumed, decode)
      observe({ kind: "outage", group: null, says: looked.failure.says })
      const ending = until()
      await clock.sleep(pauseMs, ending)
      if (ending.aborted) return null
      pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)
    }
  }
}

function look(schemas: SchemaCache, { topic, message }: Consumed): Promise<Result<void>> | Result<void> {
  if (topic === "dead-letter") return done(undefined)
  const id = schemaIdOf(topic, message.value)
  return id.ok && !schemas.knows(id.value) ? schemas.look(id.value) : done(undefined)
}
