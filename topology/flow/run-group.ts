/** Runs a group: one pipe over the stream of its deliveries. */

import {
  connect,
  filter,
  from,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  Observable,
  type OperatorFunction,
  Subject,
  takeWhile,
} from "rxjs"
import type { Failure, Result } from "../../src/events/result.ts"
import type { Delivery } from "../../src/log/index.ts"
import { semaphore } from "../../src/system/concurrency.ts"
import type { FlowPorts, Policy, Stopping } from "../ports.ts"
import { acknowledge, bury, failureBranch, type Running } from "./acknowledge.ts"
import {
  advance,
  backToOrigin,
  type Ended,
  type InFlight,
  type Permits,
  type Turn,
  type Underway,
} from "./in-flight.ts"
import { orAborted } from "./retry.ts"
import { type FactGroup, type Fork, isFork, type Stage } from "./step.ts"

/**
 * Sends every fact of the group's topics its way until `stopping.stop`, then finishes what is under way; what only waits
 * for its turn stays unacknowledged. Resolves with the failure that made going on impossible, or null after an orderly stop.
 */
export async function runGroup<State, Ports extends FlowPorts, Memory extends object>(
  group: FactGroup<State, Ports, Memory>,
  given: Ports,
  { stop, abort }: Stopping,
): Promise<Failure | null> {
  const memory = group.remember(given, stop)
  const ports = { ...given, ...memory, ending: stop }
  const running = { group, ports }
  const { credits, lookAhead } = ports.policy
  const deliveries = ports.log.deliver({ group: group.group, topics: group.consumes, credits, lookAhead, stop })
  let refusal: Failure | null = null
  const hasCome = (delivery: Result<Delivery>): delivery is Extract<Result<Delivery>, { ok: true }> => {
    if (!delivery.ok) refusal = delivery.failure
    return delivery.ok
  }
  // Credits inside the log bound what is here at once, so that no operator needs a limit of its own.
  const ended = from(deliveries).pipe(
    takeWhile(hasCome),
    map(({ value }) => value),
    inKeyedOrder(keyIn(group), (turns: Observable<Turn<State>>) =>
      turns.pipe(
        mergeMap(begin(running, abort)),
        through(group.stages, { ports, permits: permitsOf(ports.policy, stop) }),
        mergeMap(backToOrigin),
        map((inFlight) => failureBranch(inFlight, running)),
        mergeMap((inFlight) => acknowledge(inFlight, running)),
      ),
    ),
  )
  await lastValueFrom(ended, { defaultValue: null }).finally(() => group.forget?.(memory))
  return refusal
}

/** What nobody can decode is in nobody's way. */
const keyIn =
  ({ keyOf }: Pick<FactGroup<never, never, never>, "keyOf">) =>
  ({ content, at }: Delivery): string =>
    "fact" in content ? keyOf(content.fact) : `${at.topic}/${at.partition}/${at.offset}`

const permitsOf = (policy: Policy, stop: AbortSignal): Permits => ({
  sourcesHeld: semaphore(policy.sourcesHeld, stop),
  rendersInFlight: semaphore(policy.rendersInFlight, stop),
  inspectionsInFlight: semaphore(policy.inspectionsInFlight, stop),
})

/** The state before the first step. What nobody can decode, and what is none of this group's, ends here. */
function begin<State, Ports extends FlowPorts>({ group, ports }: Running<State, Ports>, abort: AbortSignal) {
  const signalOf = orAborted(abort)
  return async (turn: Turn<State>): Promise<InFlight<State>> => {
    if (turn.again !== null) return turn.again
    const { key, delivery, behind } = turn
    const { content } = delivery
    const signal = signalOf(delivery.lost)
    const state = "fact" in content ? group.begin(content.fact, ports) : null
    if (state === null || !("fact" in content)) {
      await bury(delivery, ports, signal)
      return { kind: "ended", key }
    }
    ports.observe({ kind: "taken", topology: group.name })
    const origin = { state, causationId: content.fact.value.factId }
    const setAside = settingAside(turn, state, { group, ports })
    const way = { key, delivery, behind, signal, setAside, origin, restarts: 0, closing: [], held: [] }
    return { ...way, ...origin, kind: "underway" }
  }
}

/** While it is set aside, those that wait behind it need no credits either. */
const settingAside =
  <State, Ports extends FlowPorts>(
    { delivery, behind }: Turn<State>,
    state: State,
    { group, ports }: Running<State, Ports>,
  ): Underway<State>["setAside"] =>
  (why) => {
    const about = { topology: group.name, ...named(group.subjectOf(state)), why }
    const takeUps = [delivery, ...behind()].map((one) => one.setAside())
    ports.observe({ kind: "set-aside", ...about })
    return () => {
      for (const takeUp of takeUps) takeUp()
      ports.observe({ kind: "taken-up", ...about })
    }
  }

const named = ({ bucket, key }: { readonly bucket: string; readonly key: string }) => ({ bucket, key })

type StepSurroundings = { readonly ports: FlowPorts; readonly permits: Permits }

/** All stages, one after the other. What gave up earlier passes by untouched. */
const through =
  <State>(
    stages: readonly Stage[],
    surroundings: StepSurroundings,
  ): OperatorFunction<InFlight<State>, InFlight<State>> =>
  (source) =>
    stages.reduce(
      (stream, stage) =>
        isFork(stage)
          ? stream.pipe(forked(stage, surroundings))
          : stream.pipe(
              mergeMap(async (inFlight) =>
                inFlight.kind === "underway"
                  ? advance(stage, surroundings.ports, { inFlight, ...surroundings })
                  : inFlight,
              ),
            ),
      source,
    )

const forked =
  <State>({ on, branches }: Fork, surroundings: StepSurroundings): OperatorFunction<InFlight<State>, InFlight<State>> =>
  (source) => {
    const wordOf = (inFlight: InFlight<State>): unknown =>
      inFlight.kind === "underway" ? (inFlight.state as Readonly<Record<string, unknown>>)[on] : null
    return source.pipe(
      connect((shared) =>
        merge(
          shared.pipe(filter(({ kind }) => kind !== "underway")),
          ...Object.entries(branches).map(([word, stages]) =>
            shared.pipe(
              filter((inFlight) => wordOf(inFlight) === word),
              through(stages, surroundings),
            ),
          ),
        ),
      ),
    )
  }

/**
 * One delivery of a key at a time: the next one's turn comes when the one before it has ended. What `way` gives back as a
 * turn begins again, its key still its own. Ends after the deliveries and the last way.
 */
const inKeyedOrder =
  <State>(
    keyOf: (delivery: Delivery) => string,
    way: OperatorFunction<Turn<State>, Turn<State> | Ended>,
  ): OperatorFunction<Delivery, Ended> =>
  (deliveries) =>
    new Observable((subscriber) => {
      // The first of a line is under way.
      const lines = new Map<string, Delivery[]>()
      const turns = new Subject<Turn<State>>()
      let isOver = false
      const endIfOver = (): void => {
        if (isOver && lines.size === 0) turns.complete()
      }
      const takeTurn = (key: string, line: readonly Delivery[]): void => {
        const [delivery] = line
        if (delivery !== undefined)
          turns.next({ kind: "turn", key, delivery, behind: () => line.slice(1), again: null })
      }
      const leave = (ended: Ended): void => {
        const line = lines.get(ended.key) ?? []
        line.shift()
        if (line.length === 0) lines.delete(ended.key)
        subscriber.next(ended)
        takeTurn(ended.key, line)
        endIfOver()
      }
      const error = (bug: unknown): void => subscriber.error(bug)
      const ways = turns.pipe(way).subscribe({
        next: (outcome) => (outcome.kind === "turn" ? turns.next(outcome) : leave(outcome)),
        complete: () => subscriber.complete(),
        error,
      })
      const arrivals = deliveries.subscribe({
        next: (delivery) => {
          const key = keyOf(delivery)
          const waiting = lines.get(key)
          if (waiting !== undefined) return void waiting.push(delivery)
          const line = [delivery]
          lines.set(key, line)
          takeTurn(key, line)
        },
        complete: () => {
          isOver = true
          endIfOver()
        },
        error,
      })
      return () => {
        arrivals.unsubscribe()
        ways.unsubscribe()
      }
    })
