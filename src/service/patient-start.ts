import type { Failure } from "../events/failure.ts"
import type { Result } from "../events/result.ts"
import { type Backoff, backoffMs } from "../system/backoff.ts"
import type { Clock } from "../system/clock.ts"

/**
 * Whether a server is out of reach, which may pass while it starts. Refused credentials and certificates are an outage,
 * too, once the work goes on; at the start they are a wrong setting, as a tool that is missing is.
 */
export const isServerAway = ({ code }: Failure): boolean => code.endsWith("/unreachable")

type Start<T> = {
  readonly open: () => Promise<Result<T>>
  /** How long a server may stay away, seconds; 0 gives up at once. */
  readonly forSeconds: number
  readonly clock: Clock
  readonly stop: AbortSignal
  /** Told once for each different thing that is waited for. */
  readonly waits: (failure: Failure) => void
}

const BACKOFF: Backoff = { firstMs: 1_000, mostMs: 15_000 }

/** Opens, and tries again while a server is away; whatever else is wrong ends the start at once. */
export async function openPatiently<T>({ open, forSeconds, clock, stop, waits }: Start<T>): Promise<Result<T>> {
  const untilMs = clock.steadyMs() + forSeconds * 1000
  const told = new Set<string>()
  for (let tries = 1; ; tries++) {
    const opened = await open()
    const leftMs = untilMs - clock.steadyMs()
    if (opened.ok || !isServerAway(opened.failure) || leftMs <= 0 || stop.aborted) return opened
    const { failure } = opened
    if (!told.has(failure.code)) waits(failure)
    told.add(failure.code)
    await clock.sleep(Math.min(backoffMs(tries, BACKOFF), leftMs), stop)
  }
}
