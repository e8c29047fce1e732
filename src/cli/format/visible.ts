const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`

/** Controls, separators of lines, and characters that turn the reading direction. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Text for a person's eyes: control characters, line breaks and characters that turn the reading direction are spelled
 * out, so that no object's name can move the cursor, colour the terminal or forge a line.
 */
export const visible = (text: string): string => text.replaceAll(UNSEEN, escaped)

/** {@link visible} of each line of a text whose line breaks are ours. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n")

/** JSON of one line whose strings hold nothing that a terminal obeys: the same values, spelled with JSON's own escapes. */
export const jsonText = (value: unknown): string => JSON.stringify(value).replaceAll(UNSEEN, escaped)
