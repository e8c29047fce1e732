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
