import type { Result } from "../src/events/result.ts"

export const megabytes = (bytes: number): string => String(Math.round(bytes / 1e6))

/** One line of the report: what, the number, and how it came about. */
export const row = (what: string, value: string, how: string): void =>
  console.log(`${what.padEnd(44)} ${value.padStart(24)}   ${how}`)

/** A bench that meets a failure has no number to report. */
export function okOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.says}`)
  return result.value
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
