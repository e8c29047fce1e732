// Hashes that ASC MHL 2.0 has an element for. It has none for SHA-256: what a list holds besides is not compared.

export const HASH_FORMATS = ["c4", "md5", "sha1", "xxh32", "xxh64", "xxh3", "xxh128"] as const

export type HashFormat = (typeof HASH_FORMATS)[number]

const HEX_DIGITS: Readonly<Record<Exclude<HashFormat, "c4">, number>> = {
  md5: 32,
  sha1: 40,
  xxh32: 8,
  xxh64: 16,
  xxh3: 16,
  xxh128: 32,
}

/** Digits of C4 (SMPTE ST 2114): those of base 58, without 0, O, I and l. */
const C4_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
const C4 = new RegExp(`^c4[${C4_DIGITS}]{88}$`)

export const isHashFormat = (name: string): name is HashFormat => HASH_FORMATS.some((format) => format === name)

export function isHashOf(format: HashFormat, text: string): boolean {
  return format === "c4" ? C4.test(text) : text.length === HEX_DIGITS[format] && /^[0-9a-fA-F]*$/.test(text)
}

/** The C4 id of bytes whose SHA-512 is given in hex digits. */
export function c4Of(sha512: string): string {
  let [rest, digits] = [BigInt(`0x${sha512}`), ""]
  for (; rest > 0n; rest /= 58n) digits = (C4_DIGITS[Number(rest % 58n)] ?? "") + digits
  return `c4${digits.padStart(88, "1")}`
}

/** What a path in a list must not be, as the end of a sentence; null where it stays in the folder that the list is of. */
export function pathProblem(path: string): string | null {
  if (path === "" || path.length > MOST_PATH) return "is empty, or longer than any path"
  if (/\p{Cc}/u.test(path)) return "holds control characters"
  if (path.startsWith("/") || path.includes("\\") || /^[A-Za-z]:\//.test(path)) return "is not relative to its folder"
  const leaves = path.split("/").some((name) => name === "" || name === "." || name === "..")
  return leaves ? "leads out of its folder, or about in it" : null
}

const MOST_PATH = 4096

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Text as it stands in XML, between tags or in an attribute; what XML 1.0 has no character for is replaced. */
export const escaped = (text: string): string =>
  text.replace(NO_CHARACTER, "\ufffd").replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign)

const NO_CHARACTER = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Whether XML has all characters of a text. */
export const isXmlText = (text: string): boolean => text.replace(NO_CHARACTER, "") === text
