import type { Result } from "../src/events/result.ts"

export const megabytes = (bytes: number): string => String(Math.round(bytes / 1e6))

/** One line of the report: what, the number, and how it came about. */
export const row = (what: string, value: string, how = ""): void =>
  console.log(`${what.padEnd(46)} ${value.padStart(22)}   ${how}`.trimEnd())

export const heading = (text: string): void => console.log(`\n${text}`)

export type Target = {
  readonly what: string
  readonly measured: number
  readonly unit: string
  /** The measured number must be at least this, or at most. */
  readonly atLeast?: number
  readonly atMost?: number
  readonly digits?: number
}

/** One line of the report that a target stands behind. A missed one is said, not thrown: machines differ. */
export function target({ what, measured, unit, atLeast, atMost, digits = 1 }: Target): void {
  const isMet = measured >= (atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (atMost ?? Number.POSITIVE_INFINITY)
  const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`
  row(what, `${measured.toFixed(digits)} ${unit}`, `target ${wanted}: ${isMet ? "met" : "MISSED"}`)
}

/** A bench that meets a failure has no number to report. */
export function okOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.says}`)
  return result.value
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}
