import type { Clock } from "../../system/clock.ts"

type Sample = { readonly atMs: number; readonly count: number }

const WINDOW_MS = 30_000

/**
 * Rate of a growing counter, per second, over the last half minute: takes its value now, gives the rate. A run that idles
 * and goes on is not judged by its whole life.
 */
export function openRate(clock: Pick<Clock, "steadyMs">): (count: number) => number {
  let samples: readonly Sample[] = [{ atMs: clock.steadyMs(), count: 0 }]
  return (count) => {
    const atMs = clock.steadyMs()
    const [oldest, ...newer] = samples
    const outdated = newer.filter((sample) => atMs - sample.atMs >= WINDOW_MS).length
    samples = [...samples.slice(outdated), { atMs, count }]
    const start = samples[0] ?? oldest
    const elapsedMs = start === undefined ? 0 : atMs - start.atMs
    return start === undefined || elapsedMs <= 0 ? 0 : ((count - start.count) * 1000) / elapsedMs
  }
}
