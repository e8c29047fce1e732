import type { IncomingMessage } from "node:http"
import type { Clock } from "../../system/clock.ts"
import { headerProof, type SharedSecret } from "./proof.ts"
import type { Refusal } from "./refusal.ts"

/** Who may send. Whatever is set has to be met: they add up. */
export type HttpAccess = SharedSecret & {
  /** Whether a sender's address may send; null lets every address. */
  readonly allows: ((address: string) => boolean) | null
  /** Certificate and key of this server, and the authority that senders' certificates are signed by; null: no TLS. */
  readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: string | null } | null
}

/** Whether anybody who reaches the port may send. */
export const isAnonymous = ({ secrets, allows, tls }: HttpAccess): boolean =>
  secrets.length === 0 && allows === null && (tls === null || tls.clientCa === null)

/** What a request's headers let it do: go on, go on if its body is signed, or nothing. */
export type Gate = { readonly mustBeSigned: boolean } | Refusal

/** Looks at a request before its body is read. */
export function gate(request: IncomingMessage, access: HttpAccess, clock: Clock): Gate {
  const { method, socket, headers } = request
  if (access.allows?.(socket.remoteAddress ?? "") === false)
    return { reason: "address", says: "This address may not send here (OIIO_INTAKE_ALLOW)." }
  if (method !== "POST") return { reason: "method", says: "Arrivals are sent by POST.", headers: { allow: "POST" } }
  // A page that somebody looks at on this machine can post to its loopback, and browsers say where the page came from.
  if (isAnonymous(access) && headers.origin !== undefined)
    return { reason: "browser", says: "An intake without authentication takes nothing from web pages." }
  const proof = headerProof(headers, access, clock.nowMs())
  if (proof.kind === "refused") return unproven(proof.says)
  return { mustBeSigned: proof.kind === "signed" }
}

export const unproven = (says: string): Refusal => ({
  reason: "proof",
  says,
  headers: { "www-authenticate": "Bearer" },
})
