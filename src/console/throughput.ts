// How fast frames are made, and how long the rest takes, of what was seen since the page was opened.

/** Frames that had been made, and waited, at a time. */
export type Sample = { readonly atMs: number; readonly made: number; readonly waiting: number }

/** So long is looked back for a rate: long enough for a movie's pause, short enough for a change to be seen. */
const RATE_OVER_MS = 30_000

/** An hour of samples, one in two seconds. */
const MOST_SAMPLES = 1800

export const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] =>
  [...samples, sample].slice(-MOST_SAMPLES)

/** Frames a second at each sample. */
export function ratesOf(samples: readonly Sample[]): readonly { readonly atMs: number; readonly rate: number }[] {
  return samples.map((sample, at) => {
    const first = samples.slice(0, at + 1).find(({ atMs }) => atMs >= sample.atMs - RATE_OVER_MS) ?? sample
    const seconds = (sample.atMs - first.atMs) / 1000
    return { atMs: sample.atMs, rate: seconds <= 0 ? 0 : Math.max(0, sample.made - first.made) / seconds }
  })
}

/** Until nothing waits any more, milliseconds; null where nothing is made, so that nobody knows. */
export function timeLeftMs(samples: readonly Sample[]): number | null {
  const [last, rate] = [samples.at(-1), ratesOf(samples).at(-1)?.rate ?? 0]
  if (last === undefined) return null
  if (last.waiting === 0) return 0
  return rate === 0 ? null : (last.waiting / rate) * 1000
}
