import { isCount } from "../events/whole-number.ts"
import type { DeadLetter } from "./index.ts"

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
