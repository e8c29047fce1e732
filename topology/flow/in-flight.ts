/** What a group has taken in and not yet acknowledged, and how one step moves it on. */

import type { Fact } from "../../src/events/fact.ts"
import { stampedInTurn } from "../../src/events/identity.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import type { Delivery } from "../../src/log/index.ts"
import type { Semaphore } from "../../src/system/concurrency.ts"
import type { FlowPorts } from "../ports.ts"
import { persist } from "./retry.ts"
import type { AnyStep, GivenUp, Permit, Release, Step, Stepped } from "./step.ts"

/** A delivery whose turn it is; `behind` are those of its key that wait for it. */
type QueuedDelivery = { readonly key: string; readonly delivery: Delivery; readonly behind: () => readonly Delivery[] }

/** At the beginning of its way, or back there with all that was known at the beginning. */
export type Turn<State> = QueuedDelivery & { readonly kind: "turn"; readonly again: Underway<State> | null }

type Way<State> = QueuedDelivery & {
  readonly signal: AbortSignal
  /** It waits for its directory alone, because of this failure, until the function that this gives is called. */
  readonly setAside: (why: Failure) => () => void
  /** Where it begins again when its source changes underneath. */
  readonly origin: { readonly state: State; readonly causationId: string }
  readonly restarts: number
  /** factId of the latest fact on this way. */
  readonly causationId: string
  /** Facts that go out with the acknowledgement. */
  readonly closing: readonly Fact[]
  readonly held: Release[]
}

/** On its way through the steps. */
export type Underway<State> = Way<State> & { readonly kind: "underway"; readonly state: State }

export type Failed<State> = Way<State> & GivenUp & { readonly kind: "failed"; readonly state: State }

/** Acknowledged, or left for whoever takes it next: its key is free again. */
export type Ended = { readonly kind: "ended"; readonly key: string }

export type InFlight<State> = Turn<State> | Underway<State> | Failed<State> | Ended

export type Permits = Readonly<Record<Permit, Semaphore>>

export const isInterruption = ({ code }: Failure): boolean => code === "stopped" || code === "log/lost-ownership"

/** Gives back everything that is held, last taken first. */
export async function releaseAll({ held }: { readonly held: Release[] }): Promise<void> {
  for (const release of held.splice(0).reverse()) await release()
}

/** How often a source that changes underneath sends its element back to HEAD. */
const MOST_RESTARTS = 3

/**
 * A source that changed underneath sends its element back to the first step, a few times; after that the failure stands. So
 * does a folder that turned out to be read-only, as often as it does: the first step waits for it.
 */
export async function backToOrigin<State>(inFlight: InFlight<State>): Promise<InFlight<State>> {
  if (inFlight.kind !== "failed") return inFlight
  const { code } = inFlight.failure
  const hasChanged = code === "source/changed"
  if (code !== "store/read-only" && !(hasChanged && inFlight.restarts < MOST_RESTARTS)) return inFlight
  await releaseAll(inFlight)
  const { step: _step, failure: _failure, attempts: _attempts, ...way } = inFlight
  const { key, delivery, behind, origin } = way
  const restarts = way.restarts + (hasChanged ? 1 : 0)
  return { kind: "turn", key, delivery, behind, again: { ...way, ...origin, kind: "underway", closing: [], restarts } }
}

/** Runs the step, appends its facts and gives what is under way then. */
export async function advance<State>(
  anyStep: AnyStep,
  ports: FlowPorts,
  { inFlight, permits }: { readonly inFlight: Underway<State>; readonly permits: Permits },
): Promise<Underway<State> | Failed<State>> {
  const step = anyStep as Step<State, State, FlowPorts>
  const begunMs = ports.clock.steadyMs()
  const apart = waitingApart(inFlight)
  const attempt = async (): Promise<Result<Stepped<State> | Failure>> => {
    const result = await attempted(step, ports, { inFlight, permits })
    if (!result.ok && result.failure.code === step.turnsBackAt) return done(result.failure)
    apart.after(result)
    return result
  }
  const { result, attempts } = await persist(step.name, attempt, ports, inFlight.signal)
  apart.over()
  const stepped = result.ok ? result.value : result.failure
  const ok = !("code" in stepped)
  ports.observe({ kind: "step", step: step.name, ms: ports.clock.steadyMs() - begunMs, ok })
  return ok
    ? recorded(step, ports, inFlight, stepped)
    : gaveUp(inFlight, { step: step.name, failure: stepped, attempts })
}

/** One try. What it held is given back at once where it failed: a further try takes it anew. */
async function attempted<State>(
  { name, needs, run }: Step<State, State, FlowPorts>,
  ports: FlowPorts,
  { inFlight: { state, signal, held }, permits }: { readonly inFlight: Underway<State>; readonly permits: Permits },
): Promise<Result<Stepped<State>>> {
  const taken: Release[] = []
  if (needs !== undefined) {
    const giveBack = await permits[needs.permit].acquire(signal)
    if (giveBack === null) return failed(failure("stopped", `${name} was interrupted`))
    taken.push(giveBack)
  }
  const result = await run(state, ports, { signal, hold: (release) => taken.push(release) })
  if (!result.ok) await releaseAll({ held: taken })
  else if (needs?.until === "step") await taken.shift()?.()
  held.push(...taken)
  return result
}

/** Who waits for the right to write beside an element waits for its directory: elements of others go on meanwhile. */
function waitingApart({ setAside }: Pick<Underway<never>, "setAside">) {
  let takeUp: (() => void) | null = null
  const over = (): void => {
    takeUp?.()
    takeUp = null
  }
  const after = (result: Result<unknown>): void => {
    if (result.ok || result.failure.code !== "store/read-only") over()
    else takeUp ??= setAside(result.failure)
  }
  return { after, over }
}

/** The facts are in the log before the next step begins: what a later failure tells is never ahead of its causes. */
async function recorded<State>(
  { name, isClosing }: Pick<AnyStep, "name" | "isClosing">,
  ports: FlowPorts,
  inFlight: Underway<State>,
  { state, facts: drafts = [] }: Stepped<State>,
): Promise<Underway<State> | Failed<State>> {
  if (drafts.length === 0) return { ...inFlight, state }
  const { facts, causationId } = stampedInTurn(drafts, {
    causationId: inFlight.causationId,
    nowMs: ports.clock.nowMs(),
  })
  if (isClosing) return { ...inFlight, state, causationId, closing: [...inFlight.closing, ...facts] }
  const { result, attempts } = await persist(`${name}: append`, () => ports.log.append(facts), ports, inFlight.signal)
  if (result.ok) return { ...inFlight, state, causationId }
  return gaveUp(inFlight, { step: name, failure: result.failure, attempts })
}

const gaveUp = <State>(inFlight: Underway<State>, why: GivenUp): Failed<State> => ({
  ...inFlight,
  ...why,
  kind: "failed",
})
