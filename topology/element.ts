/** What all groups of source files have in common: how an element begins, what it is called, how its failure is told. */

import { isBelowOutputs } from "../src/element/output-places.ts"
import { ALL_ENDINGS, isSource } from "../src/element/source.ts"
import { type Fact, isArrival, keyOf } from "../src/events/fact.ts"
import type { Draft } from "../src/events/identity.ts"
import type { Element, Source } from "../src/events/records.generated.ts"
import { after, latestOf } from "../src/events/time.ts"
import { recentMap } from "../src/system/recent-map.ts"
import type { GivenUp } from "./flow/step.ts"
import type { ElementMemory, ElementPorts } from "./ports.ts"

/** What every state has: enough to say which element failed where. */
export type Arrived = {
  readonly element: Element
  readonly source: Source | null
  readonly renderKey: string | null
  /** Orders what is said of the object, epoch milliseconds; grows as more is known on the way. */
  readonly logicalTimeMs: number
}

/**
 * Objects whose last time is remembered: more than are under way, little memory. The store's clock and the outputs tell it as
 * well, but for an object without outputs whose arrival an older version stamped with a clock that was ahead.
 */
const MOST_TIMES = 10_000

export const rememberTimes = (): ElementMemory => ({ lastTimes: recentMap(MOST_TIMES) })

const nameOf = ({ element: { bucket, key } }: Arrived): string => `${bucket}/${key}`

/** What an element begins with: null where it is none of this deployment. Nothing is known of it but its trigger. */
export function begun(
  { element, logicalTimeMs }: { readonly element: Element; readonly logicalTimeMs: number | null },
  ports: ElementPorts & ElementMemory,
): Arrived | null {
  if (!isTaken(element, ports)) return null
  const arrived = { element, source: null, renderKey: null, logicalTimeMs: logicalTimeMs ?? element.arrivedAtMs }
  const before = ports.lastTimes.get(nameOf(arrived))
  return before === undefined ? arrived : { ...arrived, logicalTimeMs: latestOf(arrived.logicalTimeMs, after(before)) }
}

/**
 * Whether the element is one of this deployment. Of what was known before its format was closed, whoever asks again is told
 * so by a failure: dropped, it would count as queued for ever. Whatever lies among the outputs is none.
 */
const isTaken = (
  { bucket, key, trigger }: Element,
  { policy: { endings }, outputsFor }: Pick<ElementPorts, "policy" | "outputsFor">,
): boolean =>
  !isBelowOutputs(outputsFor, { bucket, key }) &&
  (isSource(key, endings) || ((trigger === "retry" || trigger === "reprocess") && isSource(key, ALL_ENDINGS)))

/** What the flow has to know of a group of elements, whatever its steps do. */
export const ELEMENTS = {
  keyOf,
  begin: (fact: Fact, ports: ElementPorts & ElementMemory): Arrived | null =>
    isArrival(fact) ? begun(fact.value, ports) : null,
  subjectOf: ({ element }: Arrived): Element => element,
  note: (state: Arrived, { lastTimes }: ElementMemory): void => lastTimes.set(nameOf(state), state.logicalTimeMs),
  remember: rememberTimes,
  failsTo: "element-failed",
  failed: elementFailed,
  withLess: <State extends Arrived>(state: State): State => ({ ...state, source: null, renderKey: null }),
} as const

function elementFailed(
  { element, source, renderKey, logicalTimeMs }: Arrived,
  { step, failure: { code, kind, says }, attempts }: GivenUp,
  { store, policy }: ElementPorts,
): Draft {
  const nowMs = store.nowMs()
  return {
    topic: "element-failed",
    about: [element.elementId, source?.sourceVersion ?? "", step],
    recordedAtMs: nowMs,
    value: {
      element,
      source,
      renderKey,
      stage: step,
      code,
      kind,
      says,
      attempts,
      failedAtUs: nowMs * 1000,
      generatorVersion: policy.generatorVersion,
      // What was not found was looked for all the same.
      logicalTimeMs: source === null ? latestOf(logicalTimeMs, nowMs) : logicalTimeMs,
    },
  }
}
