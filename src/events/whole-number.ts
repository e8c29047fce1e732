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

/** Whether a row or JSON holds a value exactly and every reader of ours gets it back: two numbers more than {@link isLong}. */
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

/** Latest time that JavaScript's Date can tell, epoch milliseconds; it is the earliest, too, with a minus. */
const LATEST_MS = 8.64e15

/** Whether a time can be written as a date, epoch milliseconds. */
export const isTime = (epochMs: unknown): epochMs is number => isLong(epochMs) && Math.abs(epochMs) <= LATEST_MS

/** A time as a fact can tell it, whole epoch milliseconds: beyond the ends the nearest end, 0 for what is no number. */
export const nearestTime = (epochMs: number): number =>
  Number.isNaN(epochMs) ? 0 : Math.trunc(Math.min(LATEST_MS, Math.max(-LATEST_MS, epochMs)))
