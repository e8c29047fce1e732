import type { Observation, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import { runProjector } from "../../topology/projector.ts"
import { runRenderer } from "../../topology/renderer.ts"
import type { Failure } from "../events/failure.ts"
import type { Result } from "../events/result.ts"
import type { Interrupts } from "./interrupts.ts"

export type WorkPorts = Omit<RendererPorts & ProjectorPorts, "observe">

export type Work = {
  readonly ports: WorkPorts
  readonly interrupts: Interrupts
  readonly observe: (observation: Observation) => void
  /** Brings elements in while the topologies run: a scan, a retry, a watch. Ends when there is nothing more to bring. */
  readonly feed: (stop: AbortSignal) => Promise<Result<void>>
}

/** How the work ended: all done, stopped on request before that, or unable to go on. */
export type Worked =
  | { readonly kind: "done" }
  | { readonly kind: "stopped" }
  | { readonly kind: "broken"; readonly failure: Failure }

const POLL_MS = 25

/**
 * Runs both topologies in this process until the feed has ended and both groups are at the end of the log, or until a
 * stop is asked for. The projector catches up before the feed begins: a feed decides by the tables. It ends last: what the
 * renderer finishes after a stop request belongs into the tables, too.
 */
export async function workUntilDone({ ports, interrupts, observe, feed }: Work): Promise<Worked> {
  const { drain, abort } = interrupts
  const [enough, told] = [new AbortController(), new AbortController()]
  const stop = AbortSignal.any([drain, enough.signal])
  const observed: RendererPorts & ProjectorPorts = {
    ...ports,
    observe: (observation) => {
      observe(observation)
      // Tables or receivers that are away at the end are caught up with by the next run.
      if (observation.kind === "outage" && drain.aborted) told.abort()
    },
  }
  const rendering = thenAbort(runRenderer(observed, { stop, abort }), [enough])
  const projecting = thenAbort(runProjector(observed, { stop: told.signal, abort }), [enough, told])
  const fed = await feedAndDrain({ ports, feed, stop })
  const isDone = !stop.aborted
  enough.abort()
  const stuck = await rendering
  const atEnd = await untilAtEnd(ports, ["projector"], AbortSignal.any([abort, told.signal]))
  told.abort()
  const broken = (await projecting) ?? stuck ?? failureOf(fed) ?? failureOf(atEnd)
  if (broken !== null) return { kind: "broken", failure: broken }
  return isDone ? { kind: "done" } : { kind: "stopped" }
}

const failureOf = (result: Result<void>): Failure | null => (result.ok ? null : result.failure)

/** However it ends, the others end with it. */
async function thenAbort<T>(running: Promise<T>, others: readonly AbortController[]): Promise<T> {
  try {
    return await running
  } finally {
    for (const other of others) other.abort()
  }
}

async function feedAndDrain({
  ports,
  feed,
  stop,
}: Pick<Work, "ports" | "feed"> & { readonly stop: AbortSignal }): Promise<Result<void>> {
  const caughtUp = await untilAtEnd(ports, ["projector"], stop)
  if (!caughtUp.ok) return caughtUp
  const fed = await feed(stop)
  if (!fed.ok) return fed
  return untilAtEnd(ports, ["renderer", "projector"], stop)
}

/** One group after the other: what the renderer appends last is still to be projected. */
async function untilAtEnd(
  { log, clock }: WorkPorts,
  groups: readonly string[],
  stop: AbortSignal,
): Promise<Result<void>> {
  for (const group of groups) {
    for (;;) {
      const lag = await log.lag(group)
      if (!lag.ok) return lag
      // A group that nobody knows yet has not begun: that is not the end.
      const atEnd = lag.value.length > 0 && lag.value.every((position) => position.lag === 0)
      if (stop.aborted || atEnd) break
      await clock.sleep(POLL_MS, stop)
    }
  }
  return { ok: true, value: undefined }
}
