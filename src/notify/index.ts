/** What the outside world is told. This is the port; its adapters are Kafka topics and lines. */

import type {
  Element,
  ElementFailed,
  MovieMade,
  ProxyMade,
  ReviewMade,
  ReviewOutput,
} from "../events/records.generated.ts"
import type { Result } from "../events/result.ts"

/**
 * What the outside world is told of one element: pictures are there, or will not come; and of a sequence: its movie is there, or its
 * review copy. */
export type Outcome =
  | { readonly made: ProxyMade }
  | { readonly failed: ElementFailed }
  | { readonly movie: MovieToldOf }
  | { readonly copy: ReviewMade & { readonly review: ReviewOutput; readonly made: MovieToldOf } }

type MovieToldOf = MovieMade & { readonly movie: NonNullable<MovieMade["movie"]> }

/** The element of an outcome that completes no job, because none is named; null for all others. */
export function joblessElementOf(outcome: Outcome): Element | null {
  if (!("made" in outcome || "failed" in outcome)) return null
  const { element } = "made" in outcome ? outcome.made : outcome.failed
  return element.jobId ? null : element
}

/**
 * Tells the outside world (proxy.generated, completion CloudEvent, sequence.generated: contracts in docs/events.md), in the order in which it is
 * called. Called after the rows are merged and before the projector's offset moves; resolves when the receiver has
 * acknowledged. May be called again with the same outcomes: ids repeat. Fails: notify/unreachable (an outage, or closed),
 * notify/refused.
 */
export interface Notifications {
  tell(outcomes: readonly Outcome[]): Promise<Result<void>>
  close(): Promise<void>
}
