const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`

/** Each 16-bit unit apart, as JSON spells a character that has two. */
const escaped = (character: string): string =>
  SHORT[character] ??
  character
    .split("")
    .map((one) => unit(one.charCodeAt(0)))
    .join("")

/**
 * What has no shape of its own on a screen: controls (C0, DEL, C1), separators of lines, characters of format (of no width,
 * or turning the reading direction), and halves of characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Text for a person's eyes: control characters, line breaks, characters of no width and those that turn the reading
 * direction are spelled out, so that no object's name can move the cursor, colour the terminal, forge a line, or look like
 * another name.
 */
export const visible = (text: string): string => text.replaceAll(UNSEEN, escaped)

/** {@link visible} of each line of a text whose line breaks are ours. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n")

/** Controls but tab and line feed, and what forces a reading direction: no name of a person's making has them. */
const OBEYED = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu

/** Data for a program, which may end up on a terminal all the same (`| head`): only what a terminal obeys is spelled out. */
export const harmless = (text: string): string => text.replaceAll(OBEYED, escaped)

/** A text in JSON of one line, spelled so that it holds nothing that a terminal obeys: the same values, by JSON's own escapes. */
export const visibleJson = (json: string): string => json.replaceAll(UNSEEN, escaped)

/** {@link visibleJson} of a value. */
export const jsonText = (value: unknown): string => visibleJson(JSON.stringify(value))
