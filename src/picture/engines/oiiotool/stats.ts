/** Pixel statistics as oiiotool prints them, one number a channel. */
export type Stats = {
  readonly max: readonly number[]
  readonly average: readonly number[]
  readonly nonFinite: readonly number[]
}

/** The first statistics in oiiotool's output, null when there are none. */
export function parseStats(stdout: string): Stats | null {
  const [max, average] = [numbersAfter("Max", stdout), numbersAfter("Avg", stdout)]
  const [nan, infinite] = [numbersAfter("NanCount", stdout), numbersAfter("InfCount", stdout)]
  if (max === null || average === null || nan === null || infinite === null) return null
  return { max, average, nonFinite: nan.map((count, channel) => count + (infinite[channel] ?? 0)) }
}

function numbersAfter(label: string, text: string): readonly number[] | null {
  const match = new RegExp(`^\\s*Stats ${label}:([^(\\n]*)`, "m").exec(text)
  return match === null ? null : (match[1] ?? "").trim().split(/\s+/).map(Number)
}

/** Non-finite samples, a channel that is shown three times (grey) counted once. */
export function nonFiniteSamples({ nonFinite }: Stats, channels: readonly string[]): number {
  return nonFinite.reduce(
    (sum, count, index) => (channels.indexOf(channels[index] ?? "") === index ? sum + count : sum),
    0,
  )
}

/** Linear light that no look turns to black: a fiftieth of white somewhere, and more than a stray pixel of it. */
export const hasLight = ({ max, average }: Stats): boolean => Math.max(...max) > 0.02 && Math.max(...average) > 1e-4

/** Largest value of a 16-bit sample. */
const WHITE = 65_535

/** The largest and the mean luminance that ffmpeg's signalstats measured in 16 bits, null when it measured none. */
export function parseLight(stdout: string): Stats | null {
  const [max, average] = ["YMAX", "YAVG"].map((name) => new RegExp(`signalstats\\.${name}=([\\d.]+)`).exec(stdout)?.[1])
  if (max === undefined || average === undefined) return null
  return { max: [Number(max) / WHITE], average: [Number(average) / WHITE], nonFinite: [] }
}
