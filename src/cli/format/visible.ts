const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`

/**
 * Text for a person's eyes: control characters, line breaks and characters that turn the reading direction are spelled
 * out, so that no object's name can move the cursor, colour the terminal or forge a line.
 */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, escaped)
