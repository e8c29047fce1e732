/** What Node says of a connection that could not be made, did not last, or was not trusted. */
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EPROTO",
  "HPE_INVALID_CONSTANT",
  "ERR_STREAM_PREMATURE_CLOSE",
])

/** A connection that ended too early, in the words of Node and of the SDK, which give it no code. */
const BROKEN = /^(?:aborted$|socket hang up$|Connection lost )/

const isTls = (code: string): boolean =>
  /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME)/.test(code)

/** The network's code of an error, looked for in its causes too; null for an error that no network made. */
export function networkCodeOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = "code" in at && typeof at.code === "string" ? at.code : ""
    if (NETWORK_CODES.has(code) || isTls(code)) return code
    if (code.startsWith("HPE_")) return code
    if (BROKEN.test(at.message)) return "ECONNRESET"
    if (at instanceof AggregateError) return at.errors.map(networkCodeOf).find((found) => found !== null) ?? null
  }
  return null
}
