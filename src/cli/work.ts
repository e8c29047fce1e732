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
 * stop is asked for. The projector catches up before the feed begins: a feed decides by the tables.
 */
export async function workUntilDone({ ports, interrupts, observe, feed }: Work): Promise<Worked> {
  const stop = new AbortController()
  const stopping = { stop: stop.signal, abort: interrupts.abort }
  const asked = (): void => stop.abort()
  interrupts.drain.addEventListener("abort", asked, { once: true })
  if (interrupts.drain.aborted) stop.abort()
  const observed = { ...ports, observe }
  const ended = [runProjector(observed, stopping), runRenderer(observed, stopping)].map((running) =>
    running.then((failure) => {
      stop.abort()
      return failure
    }),
  )
  const fed = await feedAndDrain({ ports, feed, stop: stop.signal })
  const isDone = !stop.signal.aborted
  stop.abort()
  const failures = await Promise.all(ended)
  interrupts.drain.removeEventListener("abort", asked)
  const broken = failures.find((failure) => failure !== null) ?? (fed.ok ? null : fed.failure)
  if (broken) return { kind: "broken", failure: broken }
  return isDone ? { kind: "done" } : { kind: "stopped" }
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
