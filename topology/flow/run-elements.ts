import { defer, EMPTY, from, lastValueFrom, mergeMap, type Observable, type OperatorFunction, of, tap } from "rxjs"
import { isBelowOutputs } from "../../src/element/output-places.ts"
import { ALL_ENDINGS, isSource } from "../../src/element/source.ts"
import { type Fact, isArrival, partitionKey } from "../../src/events/fact.ts"
import type { Failure } from "../../src/events/failure.ts"
import type { Element } from "../../src/events/records.generated.ts"
import type { Result } from "../../src/events/result.ts"
import { after, latestOf } from "../../src/events/time.ts"
import type { Delivery } from "../../src/log/index.ts"
import { keyedQueue } from "../../src/system/keyed-queue.ts"
import type { TopologyGraph } from "../graph.ts"
import type { ElementPorts, Stopping } from "../ports.ts"
import { bury } from "./dead-letter.ts"
import type { Arrived, Passage, Underway } from "./element-in-flight.ts"
import { acknowledged, branchFailures, startingAgain } from "./operators.ts"
import { orAborted } from "./signals.ts"

/** How often a source that changes underneath sends its element back to HEAD. */
const TIMES_AGAIN = 3

/** A group that takes elements, and the way on which it sends each. */
export type ElementsWay<In extends Arrived, Out extends Arrived> = {
  readonly graph: TopologyGraph
  /** The element at the start of its way; null for a fact that is none of this group's. */
  readonly begin: (fact: Fact) => In | null
  readonly way: OperatorFunction<Passage<In>, Passage<Out>>
  /** Stage of the failure where the log refuses the closing facts. */
  readonly closingStage: string
}

/** Where an arrival begins: nothing is known of it but the trigger. */
export function arrivalOf(fact: Fact): Arrived | null {
  if (!isArrival(fact)) return null
  const { element, factId: causationId, logicalTimeMs } = fact.value
  return { element, causationId, source: null, renderKey: null, logicalTimeMs: logicalTimeMs ?? element.arrivedAtMs }
}

/**
 * Sends every element of the graph's topics its way until `stopping.stop`, then finishes what is under way; what only waits
 * for its turn stays unacknowledged. Resolves with the failure that made going on impossible, or null after an orderly stop.
 */
export function runElements<In extends Arrived, Out extends Arrived>(
  ports: ElementPorts,
  stopping: Stopping,
  elements: ElementsWay<In, Out>,
): Promise<Failure | null> {
  const inOrder = keyedQueue()
  const lines = linesOfKeys()
  const send = sending(ports, stopping, elements)
  const { group, consumes: topics } = elements.graph
  const { credits, lookAhead } = ports.policy
  const deliveries = ports.log.deliver({ group, topics, credits, lookAhead, stop: stopping.stop })
  const submit = (delivery: Delivery): Promise<null> => {
    const key = keyOf(delivery)
    const line = lines.join(key, delivery)
    return inOrder(key, () => {
      line.leave()
      return lastValueFrom(send(delivery, line.setAside), { defaultValue: null })
    })
  }
  // Credits inside the log bound what is here at once, so mergeMap needs no limit; the queue keeps the order per key.
  const outcomes = from(deliveries).pipe(
    mergeMap((delivery: Result<Delivery>) => (delivery.ok ? submit(delivery.value) : of(delivery.failure))),
    mergeMap((outcome) => (outcome === null ? EMPTY : of(outcome))),
  )
  return lastValueFrom(outcomes, { defaultValue: null })
}

/** Deliveries that wait for an earlier one of their key: while that is set aside, they need no credits either. */
function linesOfKeys() {
  const lines = new Map<string, Set<Delivery>>()
  return {
    join: (key: string, delivery: Delivery): { readonly leave: () => void; readonly setAside: () => () => void } => {
      const line = lines.get(key) ?? new Set()
      lines.set(key, line.add(delivery))
      return {
        leave: () => {
          line.delete(delivery)
          if (line.size === 0 && lines.get(key) === line) lines.delete(key)
        },
        setAside: () => {
          const takeUps = [delivery, ...(lines.get(key) ?? [])].map((one) => one.setAside())
          return () => {
            for (const takeUp of takeUps) takeUp()
          }
        },
      }
    },
  }
}

/** One delivery's way from arrival to acknowledgement. */
function sending<In extends Arrived, Out extends Arrived>(
  ports: ElementPorts,
  { abort }: Stopping,
  { graph: { name: topology }, begin, way, closingStage }: ElementsWay<In, Out>,
): (delivery: Delivery, setAside: Delivery["setAside"]) => Observable<null> {
  const once = startingAgain(TIMES_AGAIN, way)
  const signalOf = orAborted(abort)
  const recent = recentTimes()
  const beginLater = (fact: Fact): In | null => {
    const state = begin(fact)
    return state === null ? null : recent.later(state)
  }
  const taking = { ports: { ...ports, topology }, begin: beginLater }
  return (delivery, setAside) =>
    defer(() => start(delivery, taking, { signal: signalOf(delivery.lost), setAside })).pipe(
      mergeMap(once),
      tap((passage) => recent.note(passage.kind === "failed" ? passage.at : passage.state)),
      branchFailures(ports),
      acknowledged(ports, closingStage),
      mergeMap((ending) => {
        ports.observe({ kind: ending, topology })
        return of(null)
      }),
    )
}

/** Objects whose last time is remembered: more than are under way, little memory. */
const MOST_RECENT = 10_000

/**
 * What this process said of an object last. The store's clock and the outputs tell it as well, but for an object without
 * outputs whose arrival an older version stamped with a clock that was ahead.
 */
function recentTimes() {
  const times = new Map<string, number>()
  const nameOf = ({ element: { bucket, key } }: Arrived): string => `${bucket}/${key}`
  return {
    later: <S extends Arrived>(state: S): S => {
      const before = times.get(nameOf(state))
      return before === undefined ? state : { ...state, logicalTimeMs: latestOf(state.logicalTimeMs, after(before)) }
    },
    note: (state: Arrived): void => {
      const name = nameOf(state)
      times.delete(name)
      times.set(name, state.logicalTimeMs)
      const [oldest] = times.size > MOST_RECENT ? times.keys() : []
      if (oldest !== undefined) times.delete(oldest)
    },
  }
}

const keyOf = ({ content, at }: Delivery): string =>
  "fact" in content ? partitionKey(content.fact.value.element) : `${at.topic}/${at.partition}/${at.offset}`

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

/** The element at the start of its way. Bytes that nobody can decode, and keys that want no picture, end here. */
function start<In extends Arrived>(
  delivery: Delivery,
  {
    ports,
    begin,
  }: { readonly ports: ElementPorts & { readonly topology: string } } & Pick<ElementsWay<In, In>, "begin">,
  { signal, setAside }: { readonly signal: AbortSignal } & Pick<Delivery, "setAside">,
): Observable<Underway<In>> {
  const { content } = delivery
  const state = "fact" in content ? begin(content.fact) : null
  if (state === null || !isTaken(state.element, ports)) {
    return from(bury(delivery, ports, signal)).pipe(mergeMap(() => EMPTY))
  }
  const { topology } = ports
  const { bucket, key } = state.element
  ports.observe({ kind: "taken", topology })
  const settingAside = (why: Failure): (() => void) => {
    const takeUp = setAside()
    ports.observe({ kind: "set-aside", topology, bucket, key, why })
    return () => {
      takeUp()
      ports.observe({ kind: "taken-up", topology, bucket, key, why })
    }
  }
  return of({ kind: "underway", delivery, signal, setAside: settingAside, closing: [], held: [], state })
}
