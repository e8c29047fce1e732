/** Runs a workflow: folds the partitions that it is given, then its deliveries, and asks it at ticks for which enough is known. */

import { concatMap, filter, finalize, firstValueFrom, from, map, merge, mergeMap, Subject, takeUntil } from "rxjs"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import type { DeliveredPage, HeldPartition } from "../../src/log/index.ts"
import type { Clock } from "../../src/system/clock.ts"
import { openSpill, type SpillOptions } from "../../src/system/spilling-map.ts"
import type { FlowPorts, Stopping } from "../ports.ts"
import { areUndecodableKept } from "./acknowledge.ts"
import { answerIfKnown, dueOf, onStates, type Running, unlessStopped } from "./answer-ticks.ts"
import { foldBesides, foldPartition, foldUnknown, foldUntil, type HeldStates } from "./held-states.ts"
import { knownUntil } from "./known-until.ts"
import { orAborted, persist } from "./retry.ts"
import { MOST_IN_PAGE } from "./run-retelling.ts"
import type { WorkflowGroup } from "./workflow.ts"

/** `spill` bounds the memory that states take; absent: all of them stay in memory. */
export type WorkflowPorts = FlowPorts & { readonly spill?: Pick<SpillOptions<unknown>, "folder" | "mostBytes"> }

const ALL_IN_MEMORY = { folder: "", mostBytes: Number.POSITIVE_INFINITY }

/** Something that happens to a run, one after the other, so that a tick finds every state whole. */
type Happening = () => Promise<Failure | Acknowledging | null>

/** Goes on beside what happens next: a page's place in the log says nothing that the states do not. */
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
  const pages = ports.log.deliverPages({
    ...{ group: group.group, topics: consumes, most: MOST_IN_PAGE, stop },
    onHeld: (partition) => takeovers.next(() => takeOver(running, partition)),
  })
  const signalOf = orAborted(abort)
  const happenings = merge(
    takeovers.pipe(takeUntil(over)),
    from(pages).pipe(
      map(
        (page): Happening =>
          () =>
            page.ok ? hear(running, page.value, signalOf) : Promise.resolve(page.failure),
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
  page: DeliveredPage,
  signalOf: (lost: AbortSignal) => AbortSignal,
): Promise<Failure | Acknowledging | null> {
  const { hearing, held, ports } = running
  const [first] = page.records
  const states = held.get(first?.at.partition ?? 0)
  // Records of a partition that was lost meanwhile are another's.
  if (first === undefined || states === undefined || states.lost !== page.lost) return null
  const signal = signalOf(page.lost)
  // Whoever had the partition before may have acknowledged more since it was taken over.
  const { result: caughtUp } = await persist(
    "fold",
    () => foldUntil(hearing, states, { log: ports.log, offset: first.at.offset }),
    ports,
    signal,
  )
  if (!caughtUp.ok) return unlessStopped(caughtUp.failure)
  const folded = await onStates(running, () => foldUnknown(hearing, states, page.records))
  if (!folded.ok) return unlessStopped(folded.failure)
  const problem = await answerIfKnown(running, states)
  return problem ?? (() => finish(page, ports, signal))
}

async function finish({ records, acknowledge }: DeliveredPage, ports: FlowPorts, signal: AbortSignal): Promise<void> {
  if (!(await areUndecodableKept(records, ports, signal))) return
  await persist("acknowledge", () => acknowledge(), ports, signal)
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
