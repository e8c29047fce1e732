/** Runs a workflow: folds its topics, then its deliveries, and asks it at every tick for which it knows enough. */

import { concatMap, filter, finalize, firstValueFrom, from, map, merge } from "rxjs"
import type { Fact } from "../../src/events/fact.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import type { Coordinates, Delivery, EventLog, LogEnd, StoredRecord, Topic } from "../../src/log/index.ts"
import type { Clock } from "../../src/system/clock.ts"
import type { Group } from "../groups.ts"
import type { FlowPorts, Stopping } from "../ports.ts"
import { bury } from "./acknowledge.ts"
import { orAborted, persist } from "./retry.ts"
import type { Tick, Workflow } from "./workflow.ts"

/** A workflow in a deployment: where its facts come from, and where they go. */
export type WorkflowGroup<State, In, Out> = Group & {
  readonly workflow: Workflow<State, In, Out>
  /** Topics of its own facts, which it reads when it starts, so that it knows what it has said. */
  readonly emits: readonly Topic[]
  /** Groups whose facts it lives on: while one lags, what they have not read yet is not known here. */
  readonly after: readonly string[]
  readonly tickMs: number
  /** What a fact of the log is to the workflow; null where it is none of its business. */
  readonly fromLog: (fact: Fact) => In | Out | null
  readonly toLog: (said: Out, nowMs: number) => Fact
}

/**
 * Resolves with the failure that made going on impossible, or null after an orderly stop. `answered` is called whenever a
 * tick has been answered: all that was there when it came is known, and what follows from that is in the log.
 */
export async function runWorkflow<State, In, Out>(
  group: WorkflowGroup<State, In, Out>,
  given: FlowPorts,
  { stop, abort }: Stopping,
  answered: () => void = nobodyAsks,
): Promise<Failure | null> {
  const ports = { ...given, ending: stop }
  const memory = emptyMemory<State>()
  const running = { group, ports, memory, abort, answered }
  const { result } = await persist("fold", () => foldAll(running), ports, abort)
  if (!result.ok) return unlessStopped(result.failure)
  const ended = new AbortController()
  const deliveries = ports.log.deliver({ ...subscriptionOf(group, ports), stop })
  const signalOf = orAborted(abort)
  const happenings = merge(
    from(deliveries).pipe(
      map(
        (delivery) => () => (delivery.ok ? hear(running, delivery.value, signalOf) : Promise.resolve(delivery.failure)),
      ),
      finalize(() => ended.abort()),
    ),
    from(ticks(ports.clock, group.tickMs, AbortSignal.any([stop, ended.signal]))).pipe(map(() => () => ask(running))),
  )
  // One after the other, so that a tick finds every state whole.
  const failures = happenings.pipe(
    concatMap((happening) => happening()),
    filter((failure) => failure !== null),
  )
  return firstValueFrom(failures, { defaultValue: null })
}

const nobodyAsks = (): void => undefined

/** Whoever stops a run knows that it ends. */
const unlessStopped = (failure: Failure): Failure | null => (failure.code === "stopped" ? null : failure)

const subscriptionOf = ({ group, consumes: topics }: Group, { policy: { credits } }: FlowPorts) => ({
  group,
  topics,
  credits,
})

async function* ticks(clock: Pick<Clock, "sleep">, everyMs: number, stop: AbortSignal): AsyncGenerator<void> {
  while (!stop.aborted) {
    await clock.sleep(everyMs, stop)
    if (!stop.aborted) yield
  }
}

/** What a run knows. All of it comes of the log, so a run that ends loses nothing. */
type Memory<State> = {
  readonly states: Map<string, State>
  /** Keys whose state changed since their deadline was worked out. */
  readonly touched: Set<string>
  readonly deadlines: Map<string, number>
  /** The next offset of each partition, by its name. */
  readonly positions: Map<string, number>
  /** A tick that waits until all is read that was there when it came. */
  waiting: { readonly tick: Tick; readonly ends: LogEnd } | null
}

const emptyMemory = <State>(): Memory<State> => ({
  ...{ states: new Map(), touched: new Set(), deadlines: new Map(), positions: new Map() },
  waiting: null,
})

type Running<State, In, Out> = {
  readonly group: WorkflowGroup<State, In, Out>
  readonly ports: FlowPorts
  readonly memory: Memory<State>
  readonly abort: AbortSignal
  readonly answered: () => void
}

/** Reads all that there is. Reading it twice, or again as deliveries, changes nothing: so are workflows. */
async function foldAll<State, In, Out>(running: Running<State, In, Out>): Promise<Result<void>> {
  const { group, ports } = running
  for (const topic of [...group.consumes, ...group.emits]) {
    for await (const record of ports.log.read(topic)) {
      if (!record.ok) return record
      fold(running, record.value)
    }
  }
  return done(undefined)
}

const nameOf = ({ topic, partition }: Omit<Coordinates, "offset">): string => `${topic}/${partition}`

function fold<State, In, Out>(
  { group, memory }: Running<State, In, Out>,
  { at, content, timestampMs }: StoredRecord,
): void {
  memory.positions.set(nameOf(at), Math.max(memory.positions.get(nameOf(at)) ?? 0, at.offset + 1))
  const fact = "fact" in content ? group.fromLog(content.fact) : null
  if (fact !== null) evolve({ group, memory }, fact, timestampMs)
}

function evolve<State, In, Out>(
  { group: { workflow }, memory: { states, touched } }: Pick<Running<State, In, Out>, "group" | "memory">,
  fact: In | Out,
  atMs: number,
): void {
  const key = workflow.keyOf(fact)
  states.set(key, workflow.evolve(states.get(key) ?? workflow.initial(key), { fact, atMs }))
  touched.add(key)
}

async function hear<State, In, Out>(
  running: Running<State, In, Out>,
  delivery: Delivery,
  signalOf: (lost: AbortSignal) => AbortSignal,
): Promise<Failure | null> {
  fold(running, delivery)
  await bury(delivery, running.ports, signalOf(delivery.lost))
  return answerIfKnown(running)
}

/** A tick: what those before have read is asked first, then where the own topics end, so that nothing slips between. */
async function ask<State, In, Out>(running: Running<State, In, Out>): Promise<Failure | null> {
  const { group, ports, memory, abort } = running
  if (memory.waiting !== null) return null
  const nowMs = ports.clock.nowMs()
  const known = await persist("lag", () => knownUntil(ports.log, group.after, nowMs), ports, abort)
  const ends = await persist("ends", () => ports.log.ends(group.consumes), ports, abort)
  if (!known.result.ok) return unlessStopped(known.result.failure)
  if (!ends.result.ok) return unlessStopped(ends.result.failure)
  memory.waiting = { tick: { nowMs, knownUntilMs: known.result.value }, ends: ends.result.value }
  return answerIfKnown(running)
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
  for await (const record of log.read(at.topic, { from: [at] })) {
    if (!record.ok) return record
    if (record.value.at.partition === at.partition) return done(record.value.timestampMs)
  }
  return done(null)
}

async function answerIfKnown<State, In, Out>(running: Running<State, In, Out>): Promise<Failure | null> {
  const { positions, waiting } = running.memory
  const isKnown = waiting?.ends.every((end) => (positions.get(nameOf(end)) ?? 0) >= end.offset)
  if (waiting === null || !isKnown) return null
  running.memory.waiting = null
  for (const key of dueKeys(running, waiting.tick)) {
    const failure = await say(running, key, waiting.tick)
    if (failure !== null) return failure
  }
  running.answered()
  return null
}

function dueKeys<State, In, Out>(
  { group, memory }: Running<State, In, Out>,
  { knownUntilMs }: Tick,
): readonly string[] {
  const { states, touched, deadlines } = memory
  for (const key of touched) {
    const state = states.get(key)
    const deadline = state === undefined ? null : group.workflow.deadlineOf(state)
    if (deadline === null) deadlines.delete(key)
    else deadlines.set(key, deadline)
  }
  touched.clear()
  return [...deadlines].filter(([, deadline]) => deadline <= knownUntilMs).map(([key]) => key)
}

async function say<State, In, Out>(running: Running<State, In, Out>, key: string, tick: Tick): Promise<Failure | null> {
  const { group, ports, memory, abort } = running
  const state = memory.states.get(key)
  const said = state === undefined ? [] : group.workflow.decide(state, tick)
  if (said.length === 0) return null
  const facts = said.map((fact) => group.toLog(fact, tick.nowMs))
  const { result } = await persist("append", () => ports.log.append(facts), ports, abort)
  if (!result.ok) return unlessStopped(result.failure)
  for (const fact of said) evolve(running, fact, tick.nowMs)
  return null
}
