/**
 * User metadata travels in HTTP headers: printable ASCII, without blanks at its ends. Any other value goes as an RFC 2047
 * encoded word, which is how AWS itself hands out such values; one that already looks like an encoded word is encoded too,
 * so that what comes back is what was given.
 */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/
const ENCODED_WORD = /^=\?utf-8\?([bq])\?([!-~]*)\?=$/i

const MOST_METADATA_BYTES = 2048

/** Throws where the encoded values are more than S3 takes: what the caller stores is the caller's to bound. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const encoded = Object.entries(metadata).map(([name, value]) => [name, encodeValue(value)] as const)
  const sizeBytes = encoded.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (sizeBytes > MOST_METADATA_BYTES) throw new RangeError(`more than ${MOST_METADATA_BYTES} bytes of user metadata`)
  return Object.fromEntries(encoded)
}

export const decodeMetadata = (metadata: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), decodeValue(value)]))

const encodeValue = (value: string): string =>
  PLAIN.test(value) && !value.startsWith("=?") ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`

/** AWS cuts a long value into several words with blanks between them. */
function decodeValue(value: string): string {
  const words = value.split(" ").map((word) => ENCODED_WORD.exec(word))
  const bytes = words.map((word) => (word === null ? null : bytesOf(word[1] ?? "", word[2] ?? "")))
  return bytes.every((part) => part !== null) ? Buffer.concat(bytes).toString("utf8") : value
}

const bytesOf = (encoding: string, text: string): Buffer =>
  encoding.toLowerCase() === "b"
    ? Buffer.from(text, "base64")
    : Buffer.from(
        text
          .replaceAll("_", " ")
          .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        "latin1",
      )

/** Object tags as S3 takes them beside a PUT: a query string; undefined for none. */
export function encodeTags(tags: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(tags).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? undefined : pairs.join("&")
}

/** A key of a listing that was asked for in URL form; unchanged where the server did not comply. */
export function decodeKey(key: string, encodingType: string | undefined): string {
  if (encodingType?.toLowerCase() !== "url") return key
  try {
    return decodeURIComponent(key.replaceAll("+", " "))
  } catch {
    return key
  }
}
