/** Texts of a name, a header or a server that would do something to a terminal, a log, a page or a spreadsheet. */
export const HOSTILE_TEXTS: readonly (readonly [what: string, text: string])[] = [
  ["an escape sequence that clears the screen", "a\u001b[2Jb"],
  ["an escape sequence that sets the title", "a\u001b]0;title\u0007b"],
  ["a C1 control that begins a sequence", "a\u009b31mb"],
  ["every C1 control", String.fromCharCode(...Array.from({ length: 32 }, (_, at) => 0x80 + at))],
  ["every C0 control but the end of a text", String.fromCharCode(...Array.from({ length: 31 }, (_, at) => 1 + at))],
  ["DEL", "a\u007fb"],
  ["a line of its own", "a\nerror: b\n"],
  ["a return to the beginning of the line", "a\rb"],
  ["a backspace", "a\bb"],
  ["bidirectional overrides", "a\u202ab\u202bc\u202cd\u202de\u202ef"],
  ["bidirectional isolates", "a\u2066b\u2067c\u2068d\u2069e"],
  ["bidirectional marks", "a\u200eb\u200fc\u061cd"],
  ["characters of no width", "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg"],
  ["separators of lines and paragraphs", "a\u2028b\u2029c"],
  ["invisible tags", "a\u{e0041}\u{e007f}b"],
  ["half a character", "a\ud800b\udc00c"],
  ["a formula that begins with =", "=1+1"],
  ["a formula that begins with +", "+1+1"],
  ["a formula that begins with -", "-1+1"],
  ["a formula that begins with @", "@SUM(A1)"],
  ["a formula behind a tab", "\t=1+1"],
  ["a formula behind a return", "\r=1+1"],
  ["a formula behind a line break", "\n=1+1"],
  ["markup", `<img src=x onerror="a('b')">&amp;`],
]

/** Those that can be in the name of a file on this system. */
export const HOSTILE_NAMES: readonly string[] = HOSTILE_TEXTS.map(([, text]) => text).filter(
  (text) => text.isWellFormed() && !text.includes("/"),
)

type Ranges = readonly (readonly [first: number, last: number])[]

/** What a terminal obeys, but tab and line feed: controls, and what forces a reading direction. By code point, so that it shares nothing with what it tests. */
const OBEYED: Ranges = [
  ...[[0x00, 0x08] as const, [0x0b, 0x1f] as const, [0x7f, 0x9f] as const],
  ...[[0x202a, 0x202e] as const, [0x2066, 0x2069] as const],
]

/** What a person does not see, besides. Line feeds are ours, and looked at apart. */
const UNSEEN: Ranges = [
  ...OBEYED,
  ...[[0x09, 0x09] as const, [0xad, 0xad] as const, [0x61c, 0x61c] as const, [0x180e, 0x180e] as const],
  ...[[0x200b, 0x200f] as const, [0x2028, 0x2029] as const, [0x2060, 0x206f] as const, [0xd800, 0xdfff] as const],
  ...[[0xfeff, 0xfeff] as const, [0xfff9, 0xfffb] as const, [0xe0000, 0xe007f] as const],
]

function firstIn(text: string, ranges: Ranges): string | null {
  const found = Array.from(text).find((one) => {
    const code = one.codePointAt(0) ?? 0
    return ranges.some(([first, last]) => code >= first && code <= last)
  })
  const at = found === undefined ? -1 : text.indexOf(found)
  return at < 0 ? null : JSON.stringify(text.slice(Math.max(0, at - 40), at + 20))
}

/** The first character of a text that must not reach a terminal, with what is around it; null where there is none. */
export const rawIn = (text: string): string | null => firstIn(text, UNSEEN)

/** The same for data in a pipe. */
export const obeyedIn = (text: string): string | null => firstIn(text, OBEYED)
