import { createHash } from "node:crypto"
import type { Fact } from "../events/fact.ts"
import { done, type Failure, isAboutOneRecord, type Result } from "../events/result.ts"
import { isCount } from "../events/time.ts"
import type { DeadLetter, EventLog } from "./index.ts"

/** Bytes that a dead letter keeps: enough to see what it was, little enough for any broker. */
const HEAD_BYTES = 4096

/** Characters of the reason that a dead letter keeps: it stands in a header. */
const SAYS_LENGTH = 2048

/** The record that keeps what nobody can read, or what the log cannot write otherwise. */
export const deadLetter = (at: DeadLetter["at"], says: string, bytes: Uint8Array): DeadLetter => ({
  topic: "dead-letter",
  at,
  says: says.slice(0, SAYS_LENGTH),
  lengthBytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  head: bytes.slice(0, HEAD_BYTES),
})

/** Headers of a dead letter: everything but the bytes, which are the record's value. Named after Kafka's KIP-1034. */
export const deadLetterHeaders = ({ at, says, lengthBytes, sha256 }: DeadLetter): Record<string, string> => ({
  "content-type": "application/octet-stream",
  "errors.topic": at.topic,
  "errors.partition": String(at.partition),
  "errors.offset": String(at.offset),
  "errors.message": says,
  "errors.length": String(lengthBytes),
  "errors.sha256": sha256,
})

/** The dead letter behind headers and value; null when the headers are not those of a dead letter. */
export function deadLetterFrom(headers: Readonly<Record<string, string>>, value: Uint8Array | null): DeadLetter | null {
  const topic = headers["errors.topic"]
  const [partition, offset, lengthBytes] = ["partition", "offset", "length"].map((name) =>
    Number(headers[`errors.${name}`]),
  )
  if (topic === undefined || !isCount(partition) || !isCount(offset) || !isCount(lengthBytes)) return null
  return {
    topic: "dead-letter",
    at: { topic, partition, offset },
    says: headers["errors.message"] ?? "",
    lengthBytes,
    sha256: headers["errors.sha256"] ?? "",
    head: value ?? new Uint8Array(),
  }
}

type Records = readonly (Fact | DeadLetter)[]

/**
 * Appends a batch of records that do not belong together: in one go, and where the log cannot write one of them, one
 * after the other, so that it takes none of its neighbours along. `instead` says what is appended in place of one that
 * cannot be written; its own failure to be written ends the batch.
 */
export async function appendApart<T>(
  append: EventLog["append"],
  items: readonly T[],
  recordsOf: (item: T) => Records,
  instead: (item: T, failure: Failure) => Records,
): Promise<Result<void>> {
  const together = await appendAny(append, items.flatMap(recordsOf))
  if (together.ok || !isAboutOneRecord(together.failure)) return together
  for (const item of items) {
    const alone = await appendAny(append, recordsOf(item))
    if (alone.ok) continue
    if (!isAboutOneRecord(alone.failure)) return alone
    const replaced = await appendAny(append, instead(item, alone.failure))
    if (!replaced.ok) return replaced
  }
  return done(undefined)
}

const appendAny = (append: EventLog["append"], records: Records): Promise<Result<void>> =>
  records.length === 0 ? Promise.resolve(done(undefined)) : append(records)
