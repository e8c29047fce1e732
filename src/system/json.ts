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
