/** How a workflow answers ticks: what follows from the states whose time has come goes to the log. */

import { type Fact, subjectOf } from "../../src/events/fact.ts"
import { done, type Failure, isAboutOneRecord, type Result } from "../../src/events/result.ts"
import type { Spill } from "../../src/system/spilling-map.ts"
import type { FlowPorts } from "../ports.ts"
import { dueKeys, evolve, type Hearing, type HeldStates, workOutDeadlines } from "./held-states.ts"
import { persist } from "./retry.ts"
import type { Tick, WorkflowGroup } from "./workflow.ts"

export type Running<State, In, Out> = {
  readonly group: WorkflowGroup<State, In, Out>
  readonly hearing: Hearing<State, In, Out>
  readonly ports: FlowPorts
  readonly abort: AbortSignal
  readonly spill: Spill<State>
  /** By their numbers. All of it comes of the log, so a run that ends, or loses a partition, loses nothing. */
  readonly held: Map<number, HeldStates<State>>
  readonly answered: (() => void) | null
}

/** Whoever stops a run knows that it ends. */
export const unlessStopped = (problem: Failure): Failure | null => (problem.code === "stopped" ? null : problem)

/** States may be on disk: trouble there is an outage, which is waited out. */
export async function onStates<State, In, Out, T>(
  { ports, abort }: Running<State, In, Out>,
  work: () => Result<T>,
): Promise<Result<T>> {
  const { result } = await persist("fold", async () => work(), ports, abort)
  return result
}

/** What a tick may find something to say of. */
export async function dueOf<State, In, Out>(
  running: Running<State, In, Out>,
  idle: readonly HeldStates<State>[],
  untilMs: number,
): Promise<Result<readonly Due<State>[]>> {
  const due: Due<State>[] = []
  for (const states of idle) {
    for (let isLeft = true; isLeft; ) {
      const worked = await onStates(running, () => workOutDeadlines(running.hearing, states))
      if (!worked.ok) return worked
      isLeft = worked.value
      // Timers, signals and other groups have their turn.
      if (isLeft) await running.ports.clock.sleep(0, running.abort)
    }
    for (const key of dueKeys(states, untilMs)) due.push({ states, key })
  }
  return done(due)
}

type Due<State> = { readonly states: HeldStates<State>; readonly key: string }

export async function answerIfKnown<State, In, Out>(
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
