import type { Refusal } from "./refusal.ts"

/**
 * Where a page ended, as an opaque text: the order it is of, and what the last row is found by. It names a row, not a number,
 * so that whatever is written meanwhile, the next page begins behind that row.
 */
export type Cursor = readonly (string | number | boolean)[]

export const cursorOf = (order: string, place: Cursor): string =>
  Buffer.from(JSON.stringify([order, ...place])).toString("base64url")

export const UNKNOWN_CURSOR: Refusal = {
  status: 400,
  code: "cursor/unknown",
  says: "The cursor is none of this list in this order: begin without one.",
}

/** The place that a cursor names, with values of these types; null where it is no such cursor. */
export function placeIn(
  cursor: string,
  order: string,
  types: readonly ("string" | "number" | "boolean")[],
): Cursor | null {
  const values = parsed(cursor)
  if (!Array.isArray(values) || values.length !== types.length + 1 || values[0] !== order) return null
  const place: unknown[] = values.slice(1)
  const fits = types.every((type, index) => typeof place[index] === type && isUsable(place[index]))
  return fits ? (place as unknown as Cursor) : null
}

/** Half of a pair of characters is no text that a row could hold. */
const isUsable = (value: unknown): boolean =>
  typeof value === "string" ? value.isWellFormed() : typeof value !== "number" || Number.isSafeInteger(value)

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
