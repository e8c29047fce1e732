/** An own field of whatever JSON held; undefined where there is none. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

/** A field somewhere further down. */
export const fieldAt = (value: unknown, ...names: readonly string[]): unknown => names.reduce(fieldOf, value)

/** Text that says something. */
export const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

/** Text, or a number or truth value as text. */
export const scalarText = (value: unknown): string | null =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : textOf(value)

/** The value behind bytes, or what is wrong with them as the end of "the message ...". */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: "is not JSON" }
    if (error instanceof TypeError) return { problem: "is not UTF-8" }
    throw error
  }
}

const NUL = "\u0000"

/** Text that every part of the system can carry: log, tables, JSON, object stores. */
export const isCarriable = (text: string, mostBytes: number): boolean =>
  text.isWellFormed() && !text.includes(NUL) && Buffer.byteLength(text) <= mostBytes
