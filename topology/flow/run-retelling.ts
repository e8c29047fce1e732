/** Runs a group that tells facts anew, a page at a time: one append for all that it tells, together with the acknowledgement. */

import { filter, from, lastValueFrom, mergeMap } from "rxjs"
import type { Fact } from "../../src/events/fact.ts"
import { stampedInTurn } from "../../src/events/identity.ts"
import type { Failure } from "../../src/events/result.ts"
import type { DeliveredPage, StoredRecord } from "../../src/log/index.ts"
import type { FlowPorts, Stopping } from "../ports.ts"
import { areUndecodableKept, isRefusalTold } from "./acknowledge.ts"
import { isInterruption } from "./in-flight.ts"
import { orAborted, persist } from "./retry.ts"
import type { RetellingGroup } from "./step.ts"

/** Records that are worked on at once, without letting others have their turn. */
export const MOST_IN_PAGE = 500

type Running<State, Ports extends FlowPorts> = {
  readonly group: RetellingGroup<State, Ports, object>
  readonly ports: Ports
}

/** Resolves with the failure that made going on impossible, or null after an orderly stop. */
export async function runRetelling<State, Ports extends FlowPorts, Memory extends object>(
  group: RetellingGroup<State, Ports, Memory>,
  given: Ports,
  { stop, abort }: Stopping,
): Promise<Failure | null> {
  const ports = { ...given, ...group.remember(given, stop), ending: stop }
  const signalOf = orAborted(abort)
  const { group: name, consumes: topics } = group
  const failures = from(ports.log.deliverPages({ group: name, topics, most: MOST_IN_PAGE, stop })).pipe(
    // Pages of one partition come one after the other, so that their order is kept.
    mergeMap(async (page) => {
      if (!page.ok) return page.failure
      await retell(page.value, { group, ports }, signalOf(page.value.lost))
      return null
    }),
    filter((problem) => problem !== null),
  )
  return lastValueFrom(failures, { defaultValue: null })
}

/** What was merely interrupted stays unacknowledged. */
async function retell<State, Ports extends FlowPorts>(
  page: DeliveredPage,
  running: Running<State, Ports>,
  signal: AbortSignal,
): Promise<void> {
  const { ports } = running
  const told = toldOf(page.records, running)
  if (!(await areUndecodableKept(page.records, ports, signal))) return
  const facts = told.flatMap((one) => one.facts)
  const { result } = await persist("acknowledge", () => page.acknowledge(facts), ports, signal)
  if (result.ok || isInterruption(result.failure)) return
  if (await areToldApart(told, running, signal)) await persist("acknowledge", () => page.acknowledge(), ports, signal)
}

/** What one record led to. */
type Told<State> = {
  readonly at: StoredRecord["at"]
  readonly state: State
  readonly causationId: string
  readonly facts: readonly Fact[]
}

function toldOf<State, Ports extends FlowPorts>(
  records: readonly StoredRecord[],
  { group, ports }: Running<State, Ports>,
): readonly Told<State>[] {
  const [{ name, tell }] = group.stages
  const begunMs = ports.clock.steadyMs()
  const nowMs = ports.clock.nowMs()
  const told: Told<State>[] = []
  for (const { at, content } of records) {
    const state = "fact" in content ? group.begin(content.fact, ports) : null
    if (state === null || !("fact" in content)) continue
    const causationId = content.fact.value.factId
    told.push({ at, state, causationId, facts: stampedInTurn(tell(state, ports), { causationId, nowMs }).facts })
  }
  if (told.length > 0) ports.observe({ kind: "step", step: name, ms: ports.clock.steadyMs() - begunMs, ok: true })
  return told
}

/** The log takes not all of it: each record by itself, so that one takes none of its neighbours along. */
async function areToldApart<State, Ports extends FlowPorts>(
  told: readonly Told<State>[],
  running: Running<State, Ports>,
  signal: AbortSignal,
): Promise<boolean> {
  const { ports } = running
  const append = (facts: readonly Fact[]) => persist("append", () => ports.log.append(facts), ports, signal)
  for (const { facts, ...one } of told) {
    const { result } = await append(facts)
    if (result.ok) continue
    if (isInterruption(result.failure)) return false
    if (!(await isRefusalTold({ ...one, signal, isNews: true, append }, running, result.failure))) return false
  }
  return true
}
