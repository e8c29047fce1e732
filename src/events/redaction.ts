const MASK = "********"

/** Shorter secrets are not blotted out: they would be found by chance in every text. */
const SHORTEST_SECRET = 4
/** Shorter base64 forms of a secret are not looked for: they occur in other base64 by chance. */
const SHORTEST_BASE64 = 8

/**
 * Blots secrets out of texts, in every spelling in which they may be repeated: as they are, in JSON, percent-encoded, and in
 * base64, alone or as a part (`Authorization: Basic`).
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets)]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    // The longest first, because a secret may be the beginning of another.
    .sort((a, b) => b.length - a.length)
  const blotters = [blotter(hidden.map(plainPattern)), base64Blotter(hidden.flatMap(base64Patterns))]
  return (text) => blotters.reduce((blotted, blot) => blot(blotted), text)
}

const blotter = (patterns: readonly string[]): ((text: string) => string) => {
  if (patterns.length === 0) return (text) => text
  const pattern = new RegExp(patterns.join("|"), "g")
  return (text) => text.replaceAll(pattern, MASK)
}

/** The surrounding base64 is only searched where a secret was found, because that search is slow on a long text. */
function base64Blotter(patterns: readonly string[]): (text: string) => string {
  const blot = blotter(patterns.map((pattern) => `${BASE64_RUN}${pattern}${BASE64_RUN}`))
  const isThere = new RegExp(patterns.join("|") || "(?!)")
  return (text) => (isThere.test(text) ? blot(text) : text)
}

const plainPattern = (secret: string): string => Array.from(secret, characterPattern).join("")

/** JSON within JSON doubles them. */
const BACKSLASHES = "\\\\+"

/** One character as it is, as JSON may have it, and as addresses and forms do. */
function characterPattern(character: string): string {
  const units = character.split("").map((one) => one.charCodeAt(0).toString(16).padStart(4, "0"))
  const jsonEscape = JSON.stringify(character)
    .slice(1, -1)
    .replace(/^\\|^[^\\]+$/, "")
  const spellings = [
    character === "\\" ? BACKSLASHES : escaped(character),
    ...(jsonEscape === "" ? [] : [`${BACKSLASHES}${escaped(jsonEscape)}`]),
    units.map((unit) => `${BACKSLASHES}u${anyCase(unit)}`).join(""),
    [...Buffer.from(character)].map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`).join(""),
    ...(character === " " ? ["\\+"] : []),
  ]
  return `(?:${[...new Set(spellings)].join("|")})`
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")

const anyCase = (hex: string): string => hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

const BASE64_RUN = "[A-Za-z0-9+/_=-]*"

/**
 * What base64 has of a secret wherever it stands in what is encoded: three bytes become four characters, so there are three
 * ways. The characters at both ends hold bits of its neighbours; all of the run that it stands in goes.
 */
const base64Patterns = (secret: string): readonly string[] =>
  [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
    const whole = bytes.toString("base64url").slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
    const spelled = whole.replaceAll("-", "[-+]").replaceAll("_", "[_/]")
    return whole.length < SHORTEST_BASE64 ? [] : [spelled]
  })
