/** Who may do what: on loopback everybody, else who shows a token, or whom a trusted proxy names. */

import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import { isIP } from "node:net"
import { addressTest, isLoopback } from "../../config/address-ranges.ts"
import type { Config } from "../../config/index.ts"
import type { ServeRole } from "../../config/table-serve.ts"
import type { Refusal } from "../refusal.ts"

/** Whoever asks. */
export type Visitor = {
  /** Facts that are written for it name this. */
  readonly user: string
  readonly roles: readonly ServeRole[]
  readonly authenticatedBy: "loopback" | "token" | "proxy"
}

export type AccessSettings = Pick<
  Config,
  | "serveHost"
  | "serveTokens"
  | "serveProxyHeader"
  | "serveProxyAddresses"
  | "serveProxyWriters"
  | "serveHostNames"
  | "serveOrigins"
>

/** Why nobody could be let in, or everybody would be, as a sentence; null where the settings are right. */
export function accessProblem(settings: AccessSettings): string | null {
  const { serveHost, serveProxyHeader, serveProxyAddresses } = settings
  if ((serveProxyHeader === null) !== (serveProxyAddresses.length === 0))
    return "OIIO_SERVE_PROXY_HEADER and OIIO_SERVE_PROXY_ADDRESSES belong together: the header is believed of these addresses alone."
  if (serveProxyHeader !== null && !/^[A-Za-z0-9-]{1,100}$/.test(serveProxyHeader))
    return "OIIO_SERVE_PROXY_HEADER is no name of a header: letters, digits and dashes."
  if (isAnonymous(settings) && !isLoopback(serveHost))
    return `OIIO_SERVE_HOST ${serveHost} can be reached from other machines, and nobody would have to say who they are: set serveTokens (\`token NAME\` makes one), or OIIO_SERVE_PROXY_HEADER with OIIO_SERVE_PROXY_ADDRESSES, or listen on 127.0.0.1.`
  return null
}

const isAnonymous = ({ serveTokens, serveProxyHeader }: AccessSettings): boolean =>
  serveTokens.length === 0 && serveProxyHeader === null

type Asked = { readonly headers: IncomingHttpHeaders; readonly address: string }

/** Tells who asks, or why nobody does. */
export type Gate = (asked: Asked) => Visitor | Refusal

const unproven = (says: string): Refusal => ({ status: 401, code: "access/unproven", says })
const denied = (says: string): Refusal => ({ status: 403, code: "access/denied", says })

export const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest()

export function openGate(settings: AccessSettings): Gate {
  const { serveProxyHeader, serveProxyAddresses, serveProxyWriters } = settings
  const tokens = settings.serveTokens.map(({ name, role, sha256 }) => ({
    hash: Buffer.from(sha256, "hex"),
    visitor: visitorOf(name, role === "write", "token"),
  }))
  const isProxy = addressTest(serveProxyAddresses)
  const header = serveProxyHeader?.toLowerCase() ?? null
  const isKnownHost = hostTest(settings.serveHostNames)
  const byToken = (token: string): Visitor | Refusal => {
    const hash = hashOf(token)
    // All are compared, so that the time tells nothing of which is nearly right.
    const [found] = tokens.filter((one) => timingSafeEqual(one.hash, hash))
    return found?.visitor ?? unproven("The bearer token is not one of serveTokens.")
  }
  const byProxy = (user: string | string[], address: string): Visitor | Refusal => {
    if (!isProxy(address))
      return denied("The header that names the user is believed of the proxy alone (OIIO_SERVE_PROXY_ADDRESSES).")
    if (typeof user !== "string" || !isUserName(user)) return denied("The proxy names no user, or several.")
    return visitorOf(user, serveProxyWriters.includes("*") || serveProxyWriters.includes(user), "proxy")
  }
  const anonymous = isAnonymous(settings) ? visitorOf("loopback", true, "loopback") : null
  return ({ headers, address }) => {
    const named = header === null ? undefined : headers[header]
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1]
    // Whoever sends the header from elsewhere pretends to be somebody, whatever else the request shows.
    if (named !== undefined && !isProxy(address)) return byProxy(named, address)
    if (bearer !== undefined && anonymous === null) return byToken(bearer)
    if (!isKnownHost(headers.host)) return unknownHost
    if (named !== undefined) return byProxy(named, address)
    return anonymous ?? unproven("Show a token: Authorization: Bearer, with one of serveTokens.")
  }
}

const unknownHost: Refusal = {
  status: 403,
  code: "access/unknown-host",
  says: "Under this host name nobody is let in without a token: OIIO_SERVE_HOST_NAMES lists the names of this server.",
}

const visitorOf = (user: string, mayWrite: boolean, authenticatedBy: Visitor["authenticatedBy"]): Visitor => ({
  user,
  roles: mayWrite ? ["read", "write"] : ["read"],
  authenticatedBy,
})

/** Goes into facts and logs: no controls, and not of any length. */
const isUserName = (user: string): boolean => /^[^\p{Cc}\p{Cf}]{1,200}$/u.test(user)

/**
 * A page of another site can have its own name lead here (DNS rebinding), and then browsers take what we answer for that
 * site's. It cannot make the browser name an address, localhost or one of our names instead.
 */
function hostTest(names: readonly string[]): (host: string | undefined) => boolean {
  const known = new Set(["localhost", ...names.map((name) => name.toLowerCase())])
  return (host) => {
    const name = /^(\[[0-9a-fA-F:.]+\]|[^:]+)(?::\d+)?$/.exec(host ?? "")?.[1]?.toLowerCase()
    if (name === undefined) return false
    return known.has(name) || isIP(name.replace(/^\[|\]$/g, "")) !== 0
  }
}

/**
 * Whether a write comes from this server's own page, a page that is listed, or no page at all. Browsers say where a page
 * came from; a form of another site could not send JSON, which is asked for as well.
 */
export function isForeignPage(headers: IncomingHttpHeaders, origins: readonly string[]): boolean {
  const { origin, host } = headers
  const site = headers["sec-fetch-site"]
  if (origin !== undefined) {
    const isOwn = origin === `http://${host}` || origin === `https://${host}`
    return !(isOwn || origins.includes(origin))
  }
  return site !== undefined && site !== "same-origin" && site !== "none"
}
