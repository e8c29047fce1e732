import { createHash } from "node:crypto"
import type { FactOf } from "../events/fact.ts"
import type { DeadLetter } from "../log/index.ts"
import { createdFact } from "./listing.ts"
import type { IntakeMessage, IntakeSource, SkipReason } from "./message.ts"
import { parseArrival } from "./parse-arrival.ts"

/** What one message means for the log. */
export type TakenIn = {
  readonly arrivals: readonly FactOf<"element-created">[]
  readonly skipped: readonly SkipReason[]
  /** The message itself, when it or a record of it cannot be read. */
  readonly letter: DeadLetter | null
}

/** What an intake tells whoever watches. Must not throw. */
export type IntakeObservation =
  | { readonly kind: "arrived"; readonly from: string; readonly arrivals: number }
  | { readonly kind: "skipped"; readonly from: string; readonly reason: SkipReason }
  | { readonly kind: "dead-letter"; readonly topic: string; readonly says: string }
  | { readonly kind: "waiting"; readonly topic: string; readonly partition: number; readonly messages: number }

/** Bytes that a dead letter keeps: enough to see what it was, little enough for any broker. */
export const HEAD_BYTES = 4096

/** Where a dead letter says that a request stood. */
export const REQUEST = { topic: "http", partition: 0, offset: 0 }

/** Pure but for what it is given: the same message at the same time means the same. */
export function takeIn(message: IntakeMessage, source: IntakeSource, nowMs: number): TakenIn {
  const parsed = parseArrival(message, source)
  const unreadable = parsed.flatMap((one) => (one.kind === "unreadable" ? [one.says] : []))
  return {
    arrivals: parsed.flatMap((one) =>
      one.kind === "arrival"
        ? [
            createdFact(
              { ...one.announced, attempt: 0, arrivedAtMs: nowMs },
              { causationId: one.announced.triggerId, logicalTimeMs: null },
            ),
          ]
        : [],
    ),
    skipped: parsed.flatMap((one) => (one.kind === "skip" ? [one.reason] : [])),
    letter: unreadable.length === 0 ? null : letterOf(message, unreadable),
  }
}

function letterOf({ at, body }: IntakeMessage, says: readonly string[]): DeadLetter {
  const bytes = body ?? new Uint8Array()
  const more = says.length > 1 ? ` And ${says.length - 1} more like it.` : ""
  return {
    topic: "dead-letter",
    at: "request" in at ? REQUEST : at,
    says: `${says[0]}${more}`,
    lengthBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    head: bytes.slice(0, HEAD_BYTES),
  }
}

/** Tells of a message that has been taken in. */
export function tell(
  { arrivals, skipped, letter }: TakenIn,
  from: string,
  observe: (observation: IntakeObservation) => void,
): void {
  if (arrivals.length > 0) observe({ kind: "arrived", from, arrivals: arrivals.length })
  for (const reason of skipped) observe({ kind: "skipped", from, reason })
  if (letter !== null) observe({ kind: "dead-letter", topic: from, says: letter.says })
}
