/** Arrivals: the ways in by which news of new and removed frames comes from outside, and what each of them promises. */

import type { Failure } from "../events/result.ts"
import type { IntakeTrust, SkipReason } from "./arrival/message.ts"
import type { RefusalReason } from "./http/access.ts"

/**
 * One way in: messages on Kafka, requests over HTTP, a listing of buckets, a folder that is watched. It appends
 * ElementCreated and RemovalReported to the log, and what nobody can read as a dead letter. contract.ts holds every intake
 * to this, as far as its declared limits go:
 *
 * - Whatever words the news come in, the facts say the same; news that come again have the same ids.
 * - What nobody can read stops nothing. What lies below a `.proxies` segment is passed over.
 * - While the log is out of reach nothing is lost: it is taken in afterwards.
 */
export type Intake = {
  /**
   * Takes news in until `stop`; resolves once nothing is half taken, with the failure that made going on impossible, else
   * with null. What was not taken in by then comes again to whoever runs next. Rejects with a bug. To be called once.
   */
  run(stop: AbortSignal): Promise<Failure | null>
}

/** What an intake tells whoever watches. Must not throw. */
export type IntakeObservation =
  | { readonly kind: "arrived"; readonly from: string; readonly arrivals: number }
  | { readonly kind: "removals"; readonly from: string; readonly removals: number }
  | { readonly kind: "hints"; readonly from: string; readonly hints: number }
  | { readonly kind: "skipped"; readonly from: string; readonly reason: SkipReason }
  | { readonly kind: "remark"; readonly from: string; readonly says: string }
  | { readonly kind: "distrusted"; readonly from: string; readonly what: keyof IntakeTrust }
  | {
      readonly kind: "refused"
      readonly from: string
      readonly reason: RefusalReason
      readonly says: string
      /** Where a bug is. */
      readonly stack?: string
    }
  | { readonly kind: "dead-letter"; readonly topic: string; readonly says: string }
  | { readonly kind: "waiting"; readonly topic: string; readonly partition: number; readonly messages: number }
