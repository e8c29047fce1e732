import { type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import { backoffMs } from "../../src/system/clock.ts"
import type { RendererPorts } from "../ports.ts"

export type Persistence = Pick<RendererPorts, "clock" | "random" | "policy" | "observe" | "ending">

/** A second crash of a tool says enough: hostile input gets one more chance, not four. A time-out gets none. */
const mostAttemptsOf = (problem: Failure, mostAttempts: number): number =>
  problem.code.startsWith("tool/") ? Math.min(2, mostAttempts) : mostAttempts

export type Attempted<T> = { readonly result: Result<T>; readonly attempts: number }

/**
 * Tries until it works, fails for good, or `signal` aborts (then `stopped`). A transient failure is tried a limited number
 * of times; an outage is waited out for as long as it lasts and counts as no attempt at all. A process that is to end
 * waits for neither: whatever it leaves unacknowledged comes again.
 */
export async function persist<T>(
  name: string,
  work: () => Promise<Result<T>>,
  ports: Persistence,
  signal: AbortSignal,
): Promise<Attempted<T>> {
  let attempts = 0
  let outages = 0
  for (;;) {
    if (signal.aborted) return { result: failed(failure("stopped", `${name} was interrupted`)), attempts }
    const result = await work()
    attempts += 1
    if (result.ok || !mayPass(result.failure)) return { result, attempts }
    const isOutage = result.failure.kind === "outage"
    if (isOutage) attempts -= 1
    else if (attempts >= mostAttemptsOf(result.failure, ports.policy.mostAttempts)) return { result, attempts }
    outages = isOutage ? outages + 1 : 0
    if (ports.ending?.aborted) return { result: failed(failure("stopped", `${name} was left for later`)), attempts }
    const backoff = { firstMs: ports.policy.backoffMs, mostMs: ports.policy.mostBackoffMs }
    const waitMs = backoffMs(isOutage ? outages : attempts, backoff, ports.random())
    ports.observe({ kind: isOutage ? "outage" : "retry", step: name, failure: result.failure, waitMs })
    await ports.clock.sleep(waitMs, ports.ending === undefined ? signal : AbortSignal.any([signal, ports.ending]))
  }
}

/** A changed source is not for the step to repeat: the element starts again from HEAD. */
const mayPass = ({ code, kind }: Failure): boolean =>
  kind !== "permanent" && code !== "stopped" && code !== "source/changed" && code !== "log/lost-ownership"

/**
 * The signal of whatever aborts first, `abort` or what is asked for; made once for each that is asked for. Deliveries come
 * by the thousand, the partitions whose loss aborts their work do not.
 */
export function orAborted(abort: AbortSignal): (other: AbortSignal) => AbortSignal {
  const made = new WeakMap<AbortSignal, AbortSignal>()
  return (other) => {
    const either = made.get(other) ?? AbortSignal.any([abort, other])
    made.set(other, either)
    return either
  }
}
