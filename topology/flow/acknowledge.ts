/** How a way ends: the fact about a failure where there was one, then the closing facts and the acknowledgement. */

import { stamped } from "../../src/events/draft.ts"
import type { Fact } from "../../src/events/fact.ts"
import { type Failure, failure, isAboutOneRecord } from "../../src/events/failure.ts"
import type { FlowPorts } from "../ports.ts"
import { buryValue } from "./dead-letter.ts"
import {
  type Ended,
  type Failed,
  type InFlight,
  isInterruption,
  releaseAll,
  type Turn,
  type Underway,
} from "./in-flight.ts"
import { type Attempted, persist } from "./retry.ts"
import type { GivenUp, RunningGroup } from "./step.ts"

/** A group and the ports that it runs with. */
export type Running<State, Ports> = { readonly group: RunningGroup<State, Ports>; readonly ports: Ports }

/** What was given up has the fact about it as its only closing one; what was merely interrupted stays unacknowledged. */
export function failureBranch<State, Ports extends FlowPorts>(
  passage: InFlight<State>,
  { group, ports }: Running<State, Ports>,
): InFlight<State> {
  if (passage.kind !== "failed" || isInterruption(passage.failure)) return passage
  const { bucket, key } = group.subjectOf(passage.state)
  ports.observe({ kind: "failed", step: passage.step, failure: passage.failure, bucket, key })
  return { ...passage, closing: [failedFact(passage, passage, { group, ports })] }
}

const failedFact = <State, Ports extends FlowPorts>(
  { state, causationId }: Pick<Failed<State>, "state" | "causationId">,
  why: GivenUp,
  { group, ports }: Running<State, Ports>,
): Fact => stamped(group.failed(state, why, ports), { causationId, nowMs: ports.clock.nowMs() }) as Fact

/** Appends the closing facts and counts the delivery as done; gives back whatever was held on the way. */
export async function acknowledge<State, Ports extends FlowPorts>(
  passage: InFlight<State>,
  { group, ports }: Running<State, Ports>,
): Promise<Turn<State> | Ended> {
  if (passage.kind === "ended" || passage.kind === "turn") return passage
  group.note?.(passage.state, ports)
  await releaseAll(passage)
  const isDone = !isLeft(passage) && (await isAcknowledged(passage, { group, ports }))
  ports.observe({ kind: isDone ? "finished" : "dropped", topology: group.name })
  return { kind: "ended", key: passage.key }
}

type Closing<State> = Underway<State> | Failed<State>

const isLeft = (passage: Closing<unknown>): boolean => passage.kind === "failed" && isInterruption(passage.failure)

async function isAcknowledged<State, Ports extends FlowPorts>(
  passage: Closing<State>,
  running: Running<State, Ports>,
): Promise<boolean> {
  const { result } = await acknowledgedWith(passage.closing, passage, running.ports)
  if (result.ok) return true
  // A fact that the log refuses for good must not stop the group, nor vanish: the failure about it takes its place.
  return !isInterruption(result.failure) && isRefusalTold(passage, running, result.failure)
}

const acknowledgedWith = (
  facts: Closing<unknown>["closing"],
  { delivery, signal }: Pick<Closing<unknown>, "delivery" | "signal">,
  ports: FlowPorts,
): Promise<Attempted<void>> => persist("acknowledge", () => delivery.acknowledge(facts), ports, signal)

/** Characters of a key that a failure about it quotes. */
const MOST_KEY_TOLD = 1024

/**
 * What is told instead, ever less until the log can write it: the failure with all that is known, with less, and at last a
 * dead letter. So whatever it is about, its group goes on.
 */
async function isRefusalTold<State, Ports extends FlowPorts>(
  passage: Closing<State>,
  { group, ports }: Running<State, Ports>,
  refusal: Failure,
): Promise<boolean> {
  const { state, signal, delivery } = passage
  const subject = group.subjectOf(state)
  const { bucket, key } = subject
  const code = isAboutOneRecord(refusal) ? refusal.code : "log/refused"
  const why = failure(code, `The log cannot hold the facts of ${key.slice(0, MOST_KEY_TOLD)}: ${refusal.says}`)
  const step = group.closingStep
  for (const told of [state, group.withLess(state)]) {
    const fact = failedFact({ ...passage, state: told }, { step, failure: why, attempts: 1 }, { group, ports })
    const { result } = await acknowledgedWith([fact], passage, ports)
    if (result.ok) {
      if (passage.kind === "underway") ports.observe({ kind: "failed", step, failure: why, bucket, key })
      return true
    }
    if (!isAboutOneRecord(result.failure)) return false
  }
  if (!(await buryValue(delivery, { value: subject, says: why.says }, ports, signal))) return false
  return (await acknowledgedWith([], passage, ports)).result.ok
}
