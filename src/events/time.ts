/**
 * Times and other whole numbers: which ones a fact can tell, how they are written, and the logical time that orders what
 * is said of one object.
 */

/** Latest time that JavaScript's Date can tell, epoch milliseconds; it is the earliest, too, with a minus. */
const LATEST_MS = 8.64e15

/** Whether a time can be written as a date, epoch milliseconds. */
export const isTime = (epochMs: unknown): epochMs is number => isLong(epochMs) && Math.abs(epochMs) <= LATEST_MS

/** A time as a fact can tell it, whole epoch milliseconds: beyond the ends the nearest end, 0 for what is no number. */
export const nearestTime = (epochMs: number): number =>
  Number.isNaN(epochMs) ? 0 : Math.trunc(Math.min(LATEST_MS, Math.max(-LATEST_MS, epochMs)))

/** LastModified as Python's datetime.isoformat() prints it; any other spelling breaks the JOIN on file_id. */
export const mtimeText = (lastModifiedMs: number): string =>
  `${new Date(nearestTime(lastModifiedMs)).toISOString().replace(/\.\d+Z$/, "")}+00:00`

/** Epoch microseconds as ISO-8601 UTC with six fraction digits and +00:00: text order is time order. */
export function timestampText(epochUs: number): string {
  const ms = Math.floor(epochUs / 1000)
  const fraction = String(epochUs % 1_000_000).padStart(6, "0")
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction}+00:00`
}

/*
 * Hybrid logical time orders what is said of one object without trusting any machine's clock: it follows the clock of the
 * store, which all who touch the object share, and whoever knows an earlier time of the same object goes at least one
 * beyond it. docs/decisions/0011-registers-follow-the-stores-clock.md says why.
 */

/** Latest time that counts, the year 2255: in microseconds a later one would no longer be an exact number. */
const MOST_MS = 9_000_000_000_000

/** A time that facts and rows can hold; 0 for anything that is not a time. */
export const plausibleMs = (ms: number): number =>
  Number.isFinite(ms) ? Math.min(Math.max(0, Math.trunc(ms)), MOST_MS) : 0

/** The latest of some times, epoch milliseconds. */
export const latestOf = (...times: readonly number[]): number => Math.max(0, ...times.map(plausibleMs))

/** Further ahead of this machine than clocks differ in passing, a stated time says nothing. */
const MOST_AHEAD_MS = 60_000

/**
 * A time that a sender states, as far as it may order anything: 0 where it lies in the future. What is told with 0
 * replaces nothing by itself, and its outcome follows the store's clock all the same.
 */
export const statedMs = (ms: number | null, nowMs: number): number =>
  ms === null || ms > nowMs + MOST_AHEAD_MS ? 0 : plausibleMs(ms)

/** The first time after another. */
export const after = (ms: number): number => plausibleMs(plausibleMs(ms) + 1)

/**
 * Which numbers a fact, a row and JSON can hold. Whatever comes from outside, a header, a message, a store or a server, is
 * asked here before it goes into one.
 *
 * An Avro long reaches to 2^63, a number of JavaScript is exact up to 2^53-1, and avsc writes and reads longs up to 2^53-2:
 * it refuses the two numbers at the ends of Number.isSafeInteger.
 */
export const LARGEST_LONG = Number.MAX_SAFE_INTEGER - 1

/** Whether a value is a whole number that an Avro long holds. */
export const isLong = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= LARGEST_LONG

/**
 * Whether a row or JSON holds a value exactly and every reader of ours gets it back: two numbers more than {@link
 * isLong}.
 */
export const isExact = (value: unknown): value is number => Number.isSafeInteger(value)

/** Whether a value is a length, an offset or a time after 1970: a whole number from 0 on that an Avro long holds. */
export const isCount = (value: unknown): value is number => isLong(value) && value >= 0

/** Whether a value is a whole number of 32 bits: an Avro int, Trino's integer. */
export const isInt = (value: unknown): value is number => typeof value === "number" && (value | 0) === value

/** The text of decimal digits as a number; null for other text, and for one that {@link isCount} refuses. */
export function countOf(text: string): number | null {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : null
  return isCount(number) ? number : null
}
