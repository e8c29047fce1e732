/** Runs a workflow: folds the partitions that it is given, then its deliveries, and asks it at ticks for which enough is known. */

import { concatMap, filter, finalize, firstValueFrom, from, map, merge, Subject, takeUntil } from "rxjs"
import { type Fact, subjectOf } from "../../src/events/fact.ts"
import { done, type Failure, isAboutOneRecord, type Result } from "../../src/events/result.ts"
import type { Coordinates, Delivery, EventLog, HeldPartition, Topic } from "../../src/log/index.ts"
import type { Clock } from "../../src/system/clock.ts"
import type { Group } from "../groups.ts"
import type { FlowPorts, Stopping } from "../ports.ts"
import { bury } from "./acknowledge.ts"
import { dueKeys, evolve, fold, foldBesides, foldPartition, type Hearing, type HeldStates } from "./held-states.ts"
import { orAborted, persist } from "./retry.ts"
import type { Tick, Workflow } from "./workflow.ts"

/** A workflow in a deployment: where its facts come from, and where they go. */
export type WorkflowGroup<State, In, Out> = Omit<Group, "consumes"> & {
  readonly workflow: Workflow<State, In, Out>
  readonly consumes: readonly [Topic]
  /** Topics with the same keys, partitioned like it, that are read before each tick: what comes there brings no frames. */
  readonly beside: readonly Topic[]
  /** Topics of its own facts, partitioned like the one that it consumes: it reads them when it is given a partition. */
  readonly emits: readonly Topic[]
  /** Groups whose facts it lives on: while one lags, what they have not read yet is not known here. */
  readonly after: readonly string[]
  readonly tickMs: number
  readonly fromLog: Hearing<State, In, Out>["fromLog"]
  readonly toLog: (said: Out, nowMs: number) => Fact
}

type Running<State, In, Out> = {
  readonly group: WorkflowGroup<State, In, Out>
  readonly hearing: Hearing<State, In, Out>
  readonly ports: FlowPorts
  readonly abort: AbortSignal
  /** By their numbers. All of it comes of the log, so a run that ends, or loses a partition, loses nothing. */
  readonly held: Map<number, HeldStates<State>>
  readonly answered: (() => void) | null
}

/** Something that happens to a run, one after the other, so that a tick finds every state whole. */
type Happening = () => Promise<Failure | null>

/**
 * Resolves with the failure that made going on impossible, or null after an orderly stop. `answered` is called whenever a
 * tick has been answered: all that was there when it came is known, and what follows from that is in the log.
 */
export async function runWorkflow<State, In, Out>(
  group: WorkflowGroup<State, In, Out>,
  given: FlowPorts,
  { stop, abort }: Stopping,
  answered: (() => void) | null = null,
): Promise<Failure | null> {
  const ports = { ...given, ending: stop }
  const { workflow, fromLog, consumes } = group
  const hearing = { workflow, fromLog, consumed: consumes[0] }
  const running = { group, hearing, ports, abort, held: new Map<number, HeldStates<State>>(), answered }
  const ended = new AbortController()
  const takeovers = new Subject<Happening>()
  const over = new Subject<void>()
  const deliveries = ports.log.deliver({
    ...{ group: group.group, topics: consumes, credits: ports.policy.credits, stop },
    onHeld: (partition) => takeovers.next(() => takeOver(running, partition)),
  })
  const signalOf = orAborted(abort)
  const happenings = merge(
    takeovers.pipe(takeUntil(over)),
    from(deliveries).pipe(
      map(
        (delivery): Happening =>
          () =>
            delivery.ok ? hear(running, delivery.value, signalOf) : Promise.resolve(delivery.failure),
      ),
      finalize(() => {
        ended.abort()
        over.next()
      }),
    ),
    from(ticks(ports.clock, group.tickMs, AbortSignal.any([stop, ended.signal]))).pipe(
      map((): Happening => () => ask(running)),
    ),
  )
  const failures = happenings.pipe(
    concatMap((happening) => happening()),
    filter((problem) => problem !== null),
  )
  return firstValueFrom(failures, { defaultValue: null })
}

/** Whoever stops a run knows that it ends. */
const unlessStopped = (problem: Failure): Failure | null => (problem.code === "stopped" ? null : problem)

async function* ticks(clock: Pick<Clock, "sleep">, everyMs: number, stop: AbortSignal): AsyncGenerator<void> {
  while (!stop.aborted) {
    await clock.sleep(everyMs, stop)
    if (!stop.aborted) yield
  }
}

/** A partition is this member's now: what is known of it is worked out from all that stands in it. */
async function takeOver<State, In, Out>(
  { group, hearing, ports, abort, held }: Running<State, In, Out>,
  partition: HeldPartition,
): Promise<Failure | null> {
  held.delete(partition.partition)
  if (partition.lost.aborted) return null
  const signal = AbortSignal.any([abort, partition.lost])
  const { log } = ports
  const folding = () => foldPartition(hearing, partition, { log, ...group })
  const { result } = await persist("fold", folding, ports, signal)
  if (!result.ok) return unlessStopped(result.failure)
  held.set(partition.partition, result.value)
  return null
}

async function hear<State, In, Out>(
  running: Running<State, In, Out>,
  delivery: Delivery,
  signalOf: (lost: AbortSignal) => AbortSignal,
): Promise<Failure | null> {
  const states = running.held.get(delivery.at.partition)
  // A record of a partition that was lost meanwhile is another's.
  if (states === undefined || states.lost !== delivery.lost) return null
  fold(running.hearing, states, delivery)
  await bury(delivery, running.ports, signalOf(delivery.lost))
  return answerIfKnown(running, states)
}

/** A tick: what those before have read is asked first, then where the own topic ends, so that nothing slips between. */
async function ask<State, In, Out>(running: Running<State, In, Out>): Promise<Failure | null> {
  const { group, ports, abort } = running
  const nowMs = ports.clock.nowMs()
  const idle = heldNow(running).filter(({ waiting }) => waiting === null)
  const besides = idle.length === 0 ? done(undefined) : await hearBesides(running, idle)
  if (!besides.ok) return unlessStopped(besides.failure)
  const isAny = idle.some((states) => dueKeys(running.hearing, states, nowMs).length > 0)
  if (idle.length === 0 || (running.answered === null && !isAny)) return null
  const known = await persist("lag", () => knownUntil(ports.log, group.after, nowMs), ports, abort)
  const ends = await persist("ends", () => ports.log.ends(group.consumes), ports, abort)
  if (!known.result.ok) return unlessStopped(known.result.failure)
  if (!ends.result.ok) return unlessStopped(ends.result.failure)
  const tick = { nowMs, knownUntilMs: known.result.value }
  for (const states of idle) {
    const end = ends.result.value.find(({ partition }) => partition === states.partition)
    states.waiting = { tick, end: end?.offset ?? Number.POSITIVE_INFINITY }
    const problem = await answerIfKnown(running, states)
    if (problem !== null) return problem
  }
  return null
}

async function hearBesides<State, In, Out>(
  { group, hearing, ports, abort }: Running<State, In, Out>,
  idle: readonly HeldStates<State>[],
): Promise<Result<void>> {
  if (group.beside.length === 0) return done(undefined)
  const ends = await persist("ends", () => ports.log.ends(group.beside), ports, abort)
  if (!ends.result.ok) return ends.result
  const reading = { log: ports.log, ends: ends.result.value }
  for (const states of idle) {
    const { result } = await persist("fold", () => foldBesides(hearing, states, reading), ports, abort)
    if (!result.ok) return result
  }
  return done(undefined)
}

/** The partitions that are still this member's. */
function heldNow<State>({ held }: { readonly held: Map<number, HeldStates<State>> }): readonly HeldStates<State>[] {
  for (const [partition, { lost }] of held) if (lost.aborted) held.delete(partition)
  return [...held.values()]
}

/** The time before which all records are read by all these groups; never, while one of them has read none. */
async function knownUntil(log: EventLog, groups: readonly string[], nowMs: number): Promise<Result<number>> {
  let untilMs = nowMs
  for (const group of groups) {
    const lag = await log.lag(group)
    if (!lag.ok) return lag
    if (lag.value.length === 0) return done(Number.NEGATIVE_INFINITY)
    for (const { topic, partition, committed } of lag.value.filter(({ lag }) => lag > 0)) {
      const next = await firstAt(log, { topic, partition, offset: committed })
      if (!next.ok) return next
      untilMs = Math.min(untilMs, next.value ?? untilMs)
    }
  }
  return done(untilMs)
}

/** When the record at a place was taken in, or the next one of its partition. */
async function firstAt(log: EventLog, at: Coordinates): Promise<Result<number | null>> {
  const ends = await log.ends([at.topic])
  if (!ends.ok) return ends
  const from = ends.value.map((end) => (end.partition === at.partition ? at : end))
  for await (const record of log.read(at.topic, { from })) {
    if (!record.ok) return record
    if (record.value.at.partition === at.partition) return done(record.value.timestampMs)
  }
  return done(null)
}

async function answerIfKnown<State, In, Out>(
  running: Running<State, In, Out>,
  states: HeldStates<State>,
): Promise<Failure | null> {
  const { waiting } = states
  if (waiting === null || states.position < waiting.end) return null
  states.waiting = null
  for (const key of dueKeys(running.hearing, states, waiting.tick.knownUntilMs)) {
    const problem = states.lost.aborted ? null : await say(running, { states, key }, waiting.tick)
    if (problem !== null) return problem
  }
  running.answered?.()
  return null
}

async function say<State, In, Out>(
  { group, hearing, ports, abort }: Running<State, In, Out>,
  { states, key }: { readonly states: HeldStates<State>; readonly key: string },
  tick: Tick,
): Promise<Failure | null> {
  const state = states.states.get(key)
  const said = state === undefined ? [] : group.workflow.decide(state, tick)
  if (said.length === 0) return null
  const facts = said.map((fact) => group.toLog(fact, tick.nowMs))
  const signal = AbortSignal.any([abort, states.lost])
  const { result } = await persist("append", () => ports.log.append(facts), ports, signal)
  if (!result.ok && !isAboutOneRecord(result.failure)) return unlessStopped(result.failure)
  // What the log cannot hold is told of once, and is in nobody's way until more is known of its key.
  if (!result.ok) {
    const { bucket, key: about } = subjectOf(facts[0] as Fact)
    ports.observe({ kind: "failed", step: group.name, failure: result.failure, bucket, key: about })
  }
  for (const fact of said) evolve(hearing, states, { fact, atMs: tick.nowMs })
  return null
}
