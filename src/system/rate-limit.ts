import type { Clock } from "./clock.ts"

/** Says something about a subject, unless that subject was spoken of a short while ago. */
export type RateLimited = (subject: string, say: () => void) => void

/** Limits what is said of each subject to once in `everyMs`: of an outage one line tells enough, however much meets it. */
export function rateLimited(clock: Pick<Clock, "steadyMs">, everyMs: number): RateLimited {
  const saidAtMs = new Map<string, number>()
  return (subject, say) => {
    const nowMs = clock.steadyMs()
    if (nowMs - (saidAtMs.get(subject) ?? Number.NEGATIVE_INFINITY) < everyMs) return
    saidAtMs.set(subject, nowMs)
    say()
  }
}
