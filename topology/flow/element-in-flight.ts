import type { Fact } from "../../src/events/fact.ts"
import type { Failure, FailureCode } from "../../src/events/failure.ts"
import type { Element, Source } from "../../src/events/records.generated.ts"
import type { Result } from "../../src/events/result.ts"
import type { FactTopic } from "../../src/events/schemas.ts"
import type { Delivery } from "../../src/log/index.ts"
import type { RendererPorts } from "../ports.ts"

/** What a step may know of the element's way besides its own input. */
export type Work = {
  /** Aborts when the process gives up or the partition now belongs to another worker. */
  readonly signal: AbortSignal
  /** Gives `release` back when the element's way ends or starts again, whatever happened. */
  readonly hold: (release: () => void | Promise<void>) => void
}

/** One stage of the topology: data about it, and its effect. */
export type Step<In, Out, Ports = RendererPorts> = {
  readonly name: string
  readonly says: string
  readonly appends: FactTopic | null
  /** The fact is appended together with the acknowledgement, in one transaction where the log has them. */
  readonly closing: boolean
  /**
   * A failure that only the first step waits out: the element gives back what it holds, since others could use it
   * meanwhile, and starts again there.
   */
  readonly turnsBackAt?: FailureCode
  readonly run: (ports: Ports) => (state: In, work: Work) => Promise<Result<Stepped<Out>>>
}

export type Stepped<Out> = { readonly state: Out; readonly fact: Fact | null }

/** What every state has: enough to say which element failed where. */
export type Arrived = {
  readonly element: Element
  /** factId of the latest fact on this element's way. */
  readonly causationId: string
  readonly source: Source | null
  readonly renderKey: string | null
  /** Orders what is said of the object, epoch milliseconds; grows as more is known on the way. */
  readonly logicalTimeMs: number
}

type Journey = {
  readonly delivery: Delivery
  readonly signal: AbortSignal
  /** The element waits for its directory alone, because of this failure, until the function that it gives is called. */
  readonly setAside: (failure: Failure) => () => void
  /** Facts that go out with the acknowledgement. */
  readonly closing: readonly Fact[]
  /** Filled by steps through {@link Work.hold}. */
  readonly held: (() => void | Promise<void>)[]
}

/** An element on its way: underway with the state its last step left, or given up. */
export type Passage<State> = Journey &
  (
    | { readonly kind: "underway"; readonly state: State }
    | {
        readonly kind: "failed"
        readonly at: Arrived
        readonly step: string
        readonly failure: Failure
        readonly attempts: number
      }
  )

export type Underway<State> = Extract<Passage<State>, { kind: "underway" }>

export type Failed = Extract<Passage<never>, { kind: "failed" }>

/** Releases everything the passage holds, last taken first. */
export async function releaseAll({ held }: Pick<Journey, "held">): Promise<void> {
  for (const release of held.splice(0).reverse()) await release()
}
