/** What JSON calls an object, or an array: its fields may be asked for. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

/**
 * What a text says that anybody may have written: null where it is no JSON, or JSON of another form.
 */
export function jsonOf<T>(text: string, is: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(text)
    return is(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
