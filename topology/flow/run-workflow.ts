/** Runs a workflow: folds the partitions that it is given, then its deliveries, and asks it at ticks for which enough is known. */

import { concatMap, filter, finalize, firstValueFrom, from, map, merge, mergeMap, Subject, takeUntil } from "rxjs"
import { type Fact, subjectOf } from "../../src/events/fact.ts"
import { done, type Failure, isAboutOneRecord, type Result } from "../../src/events/result.ts"
import type { Delivery, HeldPartition } from "../../src/log/index.ts"
import type { Clock } from "../../src/system/clock.ts"
import { openSpill, type Spill, type SpillOptions } from "../../src/system/spilling-map.ts"
import type { FlowPorts, Stopping } from "../ports.ts"
import { bury } from "./acknowledge.ts"
import { dueKeys, evolve, fold, foldBesides, foldPartition, type Hearing, type HeldStates } from "./held-states.ts"
import { knownUntil } from "./known-until.ts"
import { orAborted, persist } from "./retry.ts"
import type { Tick, WorkflowGroup } from "./workflow.ts"

/** `spill` bounds the memory that states take; absent: all of them stay in memory. */
export type WorkflowPorts = FlowPorts & { readonly spill?: Pick<SpillOptions<unknown>, "folder" | "mostBytes"> }

const ALL_IN_MEMORY = { folder: "", mostBytes: Number.POSITIVE_INFINITY }

type Running<State, In, Out> = {
  readonly group: WorkflowGroup<State, In, Out>
  readonly hearing: Hearing<State, In, Out>
  readonly ports: FlowPorts
  readonly abort: AbortSignal
  readonly spill: Spill<State>
  /** By their numbers. All of it comes of the log, so a run that ends, or loses a partition, loses nothing. */
  readonly held: Map<number, HeldStates<State>>
  readonly answered: (() => void) | null
}

/** Something that happens to a run, one after the other, so that a tick finds every state whole. */
type Happening = () => Promise<Failure | Acknowledging | null>

/** Goes on beside what happens next: a delivery's place in the log says nothing that the states do not. */
type Acknowledging = () => Promise<void>

/**
 * Resolves with the failure that made going on impossible, or null after an orderly stop. `answered` is called whenever a
 * tick has been answered: all that was there when it came is known, and what follows from that is in the log.
 */
export async function runWorkflow<State, In, Out>(
  group: WorkflowGroup<State, In, Out>,
  { spill: limits = ALL_IN_MEMORY, ...given }: WorkflowPorts,
  { stop, abort }: Stopping,
  answered: (() => void) | null = null,
): Promise<Failure | null> {
  const ports = { ...given, ending: stop }
  const { workflow, fromLog, consumes } = group
  const hearing = { workflow, fromLog, consumed: consumes[0] }
  const spill = openSpill<State>({ ...limits, bytesOf: workflow.bytesOf })
  const running = { group, hearing, ports, abort, spill, held: new Map<number, HeldStates<State>>(), answered }
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
    mergeMap(async (outcome) => (typeof outcome === "function" ? outcome().then(() => null) : outcome)),
    filter((problem) => problem !== null),
    finalize(spill.close),
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
  { group, hearing, ports, abort, spill, held }: Running<State, In, Out>,
  partition: HeldPartition,
): Promise<Failure | null> {
  leave(held, partition)
  if (partition.lost.aborted) return null
  const signal = AbortSignal.any([abort, partition.lost])
  const folding = async () => {
    const states = spill.map()
    const folded = await foldPartition(hearing, partition, { ...group, log: ports.log, states })
    if (!folded.ok) states.release()
    return folded
  }
  const { result } = await persist("fold", folding, ports, signal)
  if (!result.ok) return unlessStopped(result.failure)
  held.set(partition.partition, result.value)
  return null
}

function leave<State>(held: Map<number, HeldStates<State>>, { partition }: Pick<HeldPartition, "partition">): void {
  held.get(partition)?.states.release()
  held.delete(partition)
}

async function hear<State, In, Out>(
  running: Running<State, In, Out>,
  delivery: Delivery,
  signalOf: (lost: AbortSignal) => AbortSignal,
): Promise<Failure | Acknowledging | null> {
  const states = running.held.get(delivery.at.partition)
  // A record of a partition that was lost meanwhile is another's.
  if (states === undefined || states.lost !== delivery.lost) return null
  // What stood there when the partition was taken over is delivered, too, where it was not acknowledged yet.
  const isKnown = delivery.at.offset < states.position
  const folded = isKnown ? done(undefined) : await onStates(running, () => fold(running.hearing, states, delivery))
  if (!folded.ok) return unlessStopped(folded.failure)
  const problem = await answerIfKnown(running, states)
  return problem ?? (() => bury(delivery, running.ports, signalOf(delivery.lost)))
}

/** States may be on disk: trouble there is an outage, which is waited out. */
async function onStates<State, In, Out, T>(
  { ports, abort }: Running<State, In, Out>,
  work: () => Result<T>,
): Promise<Result<T>> {
  const { result } = await persist("fold", async () => work(), ports, abort)
  return result
}

/** A tick: what those before have read is asked first, then where the own topic ends, so that nothing slips between. */
async function ask<State, In, Out>(running: Running<State, In, Out>): Promise<Failure | null> {
  const { group, ports, abort } = running
  const nowMs = ports.clock.nowMs()
  const idle = heldNow(running).filter(({ waiting }) => waiting === null)
  const besides = idle.length === 0 ? done(undefined) : await hearBesides(running, idle)
  if (!besides.ok) return unlessStopped(besides.failure)
  const due = await dueOf(running, idle, nowMs)
  if (!due.ok) return unlessStopped(due.failure)
  if (idle.length === 0 || (running.answered === null && due.value.length === 0)) return null
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
  for (const states of held.values()) if (states.lost.aborted) leave(held, states)
  return [...held.values()]
}

/** What a tick may find something to say of. */
async function dueOf<State, In, Out>(
  running: Running<State, In, Out>,
  idle: readonly HeldStates<State>[],
  untilMs: number,
): Promise<Result<readonly Due<State>[]>> {
  const due: Due<State>[] = []
  for (const states of idle) {
    const keys = await onStates(running, () => dueKeys(running.hearing, states, untilMs))
    if (!keys.ok) return keys
    due.push(...keys.value.map((key) => ({ states, key })))
  }
  return done(due)
}

type Due<State> = { readonly states: HeldStates<State>; readonly key: string }

async function answerIfKnown<State, In, Out>(
  running: Running<State, In, Out>,
  states: HeldStates<State>,
): Promise<Failure | null> {
  const { waiting } = states
  if (waiting === null || states.position < waiting.end) return null
  states.waiting = null
  const due = await dueOf(running, [states], waiting.tick.knownUntilMs)
  if (!due.ok) return unlessStopped(due.failure)
  for (const one of due.value) {
    const problem = states.lost.aborted ? null : await say(running, one, waiting.tick)
    if (problem !== null) return problem
  }
  running.answered?.()
  return null
}

async function say<State, In, Out>(
  running: Running<State, In, Out>,
  { states, key }: Due<State>,
  tick: Tick,
): Promise<Failure | null> {
  const { group, hearing, ports, abort } = running
  const known = await onStates(running, () => states.states.get(key))
  if (!known.ok) return unlessStopped(known.failure)
  const said = known.value === undefined ? [] : group.workflow.decide(known.value, tick)
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
  for (const fact of said) {
    const heard = await onStates(running, () => evolve(hearing, states, { fact, atMs: tick.nowMs }))
    if (!heard.ok) return unlessStopped(heard.failure)
  }
  return null
}
