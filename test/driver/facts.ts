import type { RecordByTopic } from "../../src/events/fact.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { EventLog } from "../../src/log/index.ts"

/** The facts of a topic, in the order of the log. */
export async function factsOf<T extends keyof RecordByTopic>(
  log: EventLog,
  topic: T,
): Promise<readonly RecordByTopic[T][]> {
  const found: RecordByTopic[T][] = []
  for await (const record of log.read(topic)) {
    const { content } = unwrap(record)
    if ("fact" in content) found.push(content.fact.value as RecordByTopic[T])
  }
  return found
}
