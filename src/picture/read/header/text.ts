const UTF8 = new TextDecoder("utf-8")
const LATIN1 = new TextDecoder("latin1")

/** Text of a header: UTF-8 where it is valid, else Latin-1, as old writers meant it. */
export function headerText(bytes: Uint8Array): string {
  const text = UTF8.decode(bytes)
  return text.includes("\uFFFD") ? LATIN1.decode(bytes) : text
}

/** Text up to the first NUL, as fixed fields and ASCII tags hold it; trailing blanks cut. */
export function textToNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return headerText(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd()
}

/** Hex digits of the first `limit` bytes. */
export const hexOf = (bytes: Uint8Array, limit: number): string =>
  Array.from(bytes.subarray(0, limit), (byte) => byte.toString(16).padStart(2, "0")).join("")
