/**
 * How a delivery ends: acknowledged with its closing facts or the fact about its failure, or with a dead letter where nobody can
 * read it or no fact can tell of it.
 */

import type { Fact } from "../../src/events/fact.ts"
import { stamped } from "../../src/events/identity.ts"
import { type Failure, failure, isAboutOneRecord } from "../../src/events/result.ts"
import { deadLetter } from "../../src/log/dead-letter.ts"
import type { DeadLetter, Delivery } from "../../src/log/index.ts"
import type { FlowPorts } from "../ports.ts"
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
  inFlight: InFlight<State>,
  { group, ports }: Running<State, Ports>,
): InFlight<State> {
  if (inFlight.kind !== "failed" || isInterruption(inFlight.failure)) return inFlight
  const { bucket, key } = group.subjectOf(inFlight.state)
  ports.observe({ kind: "failed", step: inFlight.step, failure: inFlight.failure, bucket, key })
  return { ...inFlight, closing: failedFacts(inFlight, inFlight, { group, ports }) }
}

function failedFacts<State, Ports extends FlowPorts>(
  { state, causationId }: Pick<Failed<State>, "state" | "causationId">,
  why: GivenUp,
  { group, ports }: Running<State, Ports>,
): readonly Fact[] {
  const draft = group.failed(state, why, ports)
  return draft === null ? [] : [stamped(draft, { causationId, nowMs: ports.clock.nowMs() }) as Fact]
}

/** Appends the closing facts and counts the delivery as done; gives back whatever was held on the way. */
export async function acknowledge<State, Ports extends FlowPorts>(
  inFlight: InFlight<State>,
  { group, ports }: Running<State, Ports>,
): Promise<Turn<State> | Ended> {
  if (inFlight.kind === "ended" || inFlight.kind === "turn") return inFlight
  group.note?.(inFlight.state, ports)
  await releaseAll(inFlight)
  const isDone = !isLeft(inFlight) && (await isAcknowledged(inFlight, { group, ports }))
  ports.observe({ kind: isDone ? "finished" : "dropped", topology: group.name })
  return { kind: "ended", key: inFlight.key }
}

type Closing<State> = Underway<State> | Failed<State>

const isLeft = (inFlight: Closing<unknown>): boolean => inFlight.kind === "failed" && isInterruption(inFlight.failure)

async function isAcknowledged<State, Ports extends FlowPorts>(
  inFlight: Closing<State>,
  running: Running<State, Ports>,
): Promise<boolean> {
  const { result } = await acknowledgedWith(inFlight.closing, inFlight, running.ports)
  if (result.ok) return true
  // A fact that the log refuses for good must not stop the group, nor vanish: the failure about it takes its place.
  return !isInterruption(result.failure) && isRefusalTold(inFlight, running, result.failure)
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
  inFlight: Closing<State>,
  { group, ports }: Running<State, Ports>,
  refusal: Failure,
): Promise<boolean> {
  const { state, signal, delivery } = inFlight
  const subject = group.subjectOf(state)
  const { bucket, key } = subject
  const code = isAboutOneRecord(refusal) ? refusal.code : "log/refused"
  const why = failure(code, `The log cannot hold the facts of ${key.slice(0, MOST_KEY_TOLD)}: ${refusal.says}`)
  const step = group.closingStep
  for (const told of [state, group.withLess(state)]) {
    const facts = failedFacts({ ...inFlight, state: told }, { step, failure: why, attempts: 1 }, { group, ports })
    const { result } = await acknowledgedWith(facts, inFlight, ports)
    if (result.ok) {
      if (inFlight.kind === "underway") ports.observe({ kind: "failed", step, failure: why, bucket, key })
      return true
    }
    if (!isAboutOneRecord(result.failure)) return false
  }
  if (!(await buryValue(delivery, { value: subject, says: why.says }, ports, signal))) return false
  return (await acknowledgedWith([], inFlight, ports)).result.ok
}

/**
 * A record that nobody can decode goes to the dead-letter topic with its coordinates, and the group goes on.
 * A record that is fine but none of this group's is only counted as done.
 */
export async function bury(delivery: Delivery, ports: FlowPorts, signal: AbortSignal): Promise<void> {
  const { at, content } = delivery
  if ("undecodable" in content) {
    const { bytes, failure } = content.undecodable
    const isKept = await keep(deadLetter(at, failure.says, bytes ?? new Uint8Array()), ports, signal)
    if (!isKept) return
  }
  await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
}

/**
 * What no fact and no row can hold goes to the dead-letter topic as JSON, with the coordinates of the record that it came
 * with. Whether it is there.
 */
export const buryValue = (
  { at }: Pick<Delivery, "at">,
  { value, says }: { readonly value: unknown; readonly says: string },
  ports: FlowPorts,
  signal: AbortSignal,
): Promise<boolean> => keep(deadLetter(at, says, new TextEncoder().encode(JSON.stringify(value))), ports, signal)

async function keep(letter: DeadLetter, ports: FlowPorts, signal: AbortSignal): Promise<boolean> {
  const { result } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
  if (result.ok) ports.observe({ kind: "dead-letter", topic: letter.at.topic, says: letter.says })
  return result.ok
}
