import { INSPECTOR, PROJECTOR, PROJECTORS, REMOVALS, RENDERER, type TopologyGraph } from "../../topology/graph.ts"
import { runInspector } from "../../topology/inspect/inspector.ts"
import type { InspectorPorts, Observation, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import { runProjector } from "../../topology/project/projector.ts"
import { runRemovals } from "../../topology/removals/removals.ts"
import { runRenderer } from "../../topology/render/renderer.ts"
import type { Failure } from "../events/failure.ts"
import { done, type Result } from "../events/result.ts"
import type { Interrupts } from "../system/interrupts.ts"
import { type Blocked, type BlockedWork, openBlockedWork } from "./blocked-work.ts"

export type WorkPorts = Omit<RendererPorts & InspectorPorts & ProjectorPorts, "observe">

export type Work = {
  readonly ports: WorkPorts
  readonly interrupts: Interrupts
  readonly observe: (observation: Observation) => void
  /** Brings elements in while the topologies run: a scan, a retry, a watch. Ends when there is nothing more to bring. */
  readonly feed: (stop: AbortSignal) => Promise<Result<void>>
  /** Ends when all that is left waits for folders that cannot be written, instead of waiting with it. */
  readonly endsWhenBlocked: boolean
}

/** How the work ended: all done, all done that can be, stopped on request before that, or unable to go on. */
export type Worked =
  | { readonly kind: "done" }
  | ({ readonly kind: "blocked" } & Blocked)
  | { readonly kind: "stopped" }
  | { readonly kind: "broken"; readonly failure: Failure }

const POLL_MS = 25

/**
 * Runs all topologies in this process until the feed has ended and all groups are at the end of the log, or until a stop
 * is asked for. The projector catches up before the feed begins: a feed decides by the tables. The projectors end last:
 * what the others finish after a stop request belongs into the tables, too.
 */
export async function workUntilDone({ ports, interrupts, observe, feed, endsWhenBlocked }: Work): Promise<Worked> {
  const { drain, abort } = interrupts
  const [enough, told] = [new AbortController(), new AbortController()]
  const stop = AbortSignal.any([drain, enough.signal])
  const blockedWork = openBlockedWork(ports)
  const observed: RendererPorts & InspectorPorts & ProjectorPorts = {
    ...ports,
    observe: (observation) => {
      observe(observation)
      blockedWork.observe(observation)
      // Tables or receivers that are away at the end are caught up with by the next run.
      if (observation.kind === "outage" && drain.aborted) told.abort()
    },
  }
  const working = [runRenderer, runInspector, runRemovals].map((run) =>
    thenAbort(run(observed, { stop, abort }), [enough]),
  )
  const projecting = PROJECTORS.map((graph) =>
    thenAbort(runProjector(observed, { stop: told.signal, abort }, graph), [enough, told]),
  )
  const blocked = endsWhenBlocked ? blockedWork.blocked : nothingBlocked
  const fed = await feedAndDrain({ ports, feed, stop, blocked })
  const isDone = !stop.aborted
  enough.abort()
  const stuck = await firstFailure(working)
  const atEnd = await untilAtEnd(ports, PROJECTORS.map(groupOf), AbortSignal.any([abort, told.signal]))
  told.abort()
  const broken = (await firstFailure(projecting)) ?? stuck ?? failureOf(fed) ?? failureOf(atEnd)
  if (broken !== null) return { kind: "broken", failure: broken }
  if (fed.ok && fed.value !== null) return { kind: "blocked", ...fed.value }
  return isDone ? { kind: "done" } : { kind: "stopped" }
}

const groupOf = ({ group }: TopologyGraph): string => group

/** Of all of them, once all are over. */
const firstFailure = async (running: readonly Promise<Failure | null>[]): Promise<Failure | null> =>
  (await Promise.all(running)).find((failure) => failure !== null) ?? null

const nothingBlocked: BlockedWork["blocked"] = () => Promise.resolve(done(null))

const failureOf = (result: Result<unknown>): Failure | null => (result.ok ? null : result.failure)

/** However it ends, the others end with it. */
async function thenAbort<T>(running: Promise<T>, others: readonly AbortController[]): Promise<T> {
  try {
    return await running
  } finally {
    for (const other of others) other.abort()
  }
}

type Draining = Pick<Work, "ports" | "feed"> & Pick<BlockedWork, "blocked"> & { readonly stop: AbortSignal }

/** What the renderer cannot do, where that ends the work; null when everything is done, or a stop was asked for. */
async function feedAndDrain({ ports, feed, stop, blocked }: Draining): Promise<Result<Blocked | null>> {
  const caughtUp = await untilAtEnd(ports, [PROJECTOR.group], stop)
  if (!caughtUp.ok) return caughtUp
  const fed = await feed(stop)
  if (!fed.ok) return fed
  const left = await untilRendered(ports, blocked, stop)
  if (!left.ok) return left
  const others = await untilAtEnd(ports, [INSPECTOR, REMOVALS, ...PROJECTORS].map(groupOf), stop)
  return others.ok ? left : others
}

async function untilRendered(
  { log, clock }: WorkPorts,
  blocked: BlockedWork["blocked"],
  stop: AbortSignal,
): Promise<Result<Blocked | null>> {
  for (;;) {
    const atEnd = await isAtEnd(log, RENDERER.group)
    if (!atEnd.ok) return atEnd
    if (stop.aborted || atEnd.value) return done(null)
    const left = await blocked()
    if (!left.ok || left.value !== null) return left
    await clock.sleep(POLL_MS, stop)
  }
}

async function isAtEnd(log: WorkPorts["log"], group: string): Promise<Result<boolean>> {
  const lag = await log.lag(group)
  // A group that nobody knows yet has not begun: that is not the end.
  return lag.ok ? done(lag.value.length > 0 && lag.value.every((position) => position.lag === 0)) : lag
}

/** One group after the other: what the first ones append last is still to be projected. */
async function untilAtEnd(
  { log, clock }: WorkPorts,
  groups: readonly string[],
  stop: AbortSignal,
): Promise<Result<void>> {
  for (const group of groups) {
    for (;;) {
      const atEnd = await isAtEnd(log, group)
      if (!atEnd.ok) return atEnd
      if (stop.aborted || atEnd.value) break
      await clock.sleep(POLL_MS, stop)
    }
  }
  return done(undefined)
}
