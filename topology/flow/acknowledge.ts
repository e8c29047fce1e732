/**
 * How a delivery ends: acknowledged with its closing facts or the fact about its failure, or with a dead letter where nobody can
 * read it or no fact can tell of it.
 */

import type { Fact } from "../../src/events/fact.ts"
import { stamped } from "../../src/events/identity.ts"
import { type Failure, failure, isAboutOneRecord } from "../../src/events/result.ts"
import { deadLetter } from "../../src/log/dead-letter.ts"
import type { DeadLetter, Delivery, StoredRecord } from "../../src/log/index.ts"
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

/** What is to be known of a group to tell of a failure. */
type FailingGroup<State, Ports> = Pick<RunningGroup<State, Ports>, "subjectOf" | "failed" | "withLess" | "closingStep">

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
  { group, ports }: { readonly group: Pick<FailingGroup<State, Ports>, "failed">; readonly ports: Ports },
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
  const { delivery, signal, closing, kind, state, causationId } = inFlight
  const acknowledged = (facts: readonly Fact[]): Promise<Attempted<void>> =>
    persist("acknowledge", () => delivery.acknowledge(facts), running.ports, signal)
  const { result } = await acknowledged(closing)
  if (result.ok) return true
  const { at } = delivery
  const refused = { state, causationId, at, signal, isNews: kind === "underway", append: acknowledged }
  if (isInterruption(result.failure) || !(await isRefusalTold(refused, running, result.failure))) return false
  // Done already, but for what only a dead letter could hold.
  return (await acknowledged([])).result.ok
}

/** What a fact led to, of which the log does not take the facts. */
export type Refused<State> = {
  readonly state: State
  readonly causationId: string
  /** The record of the fact. */
  readonly at: Delivery["at"]
  readonly signal: AbortSignal
  /** It went well until here: nobody was told of a failure. */
  readonly isNews: boolean
  readonly append: (facts: readonly Fact[]) => Promise<Attempted<void>>
}

/** Characters of a key that a failure about it quotes. */
const MOST_KEY_TOLD = 1024

/**
 * A fact that the log refuses for good must not stop the group, nor vanish. What is told instead, ever less until the log can
 * write it: the failure with all that is known, with less, and at last a dead letter. So whatever it is about, its group goes on.
 */
export async function isRefusalTold<State, Ports extends FlowPorts>(
  { state, causationId, at, signal, isNews, append }: Refused<State>,
  { group, ports }: { readonly group: FailingGroup<State, Ports>; readonly ports: Ports },
  refusal: Failure,
): Promise<boolean> {
  const subject = group.subjectOf(state)
  const { bucket, key } = subject
  const code = isAboutOneRecord(refusal) ? refusal.code : "log/refused"
  const why = failure(code, `The log cannot hold the facts of ${key.slice(0, MOST_KEY_TOLD)}: ${refusal.says}`)
  const step = group.closingStep
  for (const told of [state, group.withLess(state)]) {
    const about = { state: told, causationId }
    const facts = failedFacts(about, { step, failure: why, attempts: 1 }, { group, ports })
    const { result } = await append(facts)
    if (result.ok) {
      if (isNews) ports.observe({ kind: "failed", step, failure: why, bucket, key })
      return true
    }
    if (!isAboutOneRecord(result.failure)) return false
  }
  return buryValue({ at }, { value: subject, says: why.says }, ports, signal)
}

/**
 * A record that nobody can decode goes to the dead-letter topic with its coordinates, and the group goes on.
 * A record that is fine but none of this group's is only counted as done.
 */
export async function bury(delivery: Delivery, ports: FlowPorts, signal: AbortSignal): Promise<void> {
  if (!(await areUndecodableKept([delivery], ports, signal))) return
  await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
}

/** Keeps what nobody can decode as dead letters. Whether they are there. */
export async function areUndecodableKept(
  records: readonly StoredRecord[],
  ports: FlowPorts,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { at, content } of records) {
    if (!("undecodable" in content)) continue
    const { bytes, failure } = content.undecodable
    if (!(await keep(deadLetter(at, failure.says, bytes ?? new Uint8Array()), ports, signal))) return false
  }
  return true
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
