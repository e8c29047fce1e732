import type { Assignment, Batch } from "kafkajs"
import type { Topic } from "../index.ts"
import type { Fetched, Place } from "./partition-buffer.ts"
import type { Names } from "./topic-names.ts"

/** The partitions of an assignment that belong to `topics`. */
export const placesOf = (assignment: Assignment, topics: readonly Topic[], names: Names): readonly Place[] =>
  topics.flatMap((topic) => (assignment[names.topic(topic)] ?? []).map((partition) => ({ topic, partition })))

/** A batch with the offset that it ends at, where the last records are none for readers. */
export function fetchedOf(batch: Batch): readonly Fetched[] {
  const fetched: Fetched[] = batch.messages.map((message) => ({ offset: Number(message.offset), message }))
  const endsAt = Number(batch.lastOffset() ?? -1)
  return endsAt > (fetched.at(-1)?.offset ?? -1) ? [...fetched, { offset: endsAt, message: null }] : fetched
}
