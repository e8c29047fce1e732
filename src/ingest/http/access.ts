/** Who may send to the HTTP intake, how a sender shows that it may, and how a refusal is told. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type { Clock } from "../../system/clock.ts"

/** Why a request is refused: the label of the metric. */
export const REFUSALS = {
  method: 405,
  connections: 503,
  address: 403,
  browser: 403,
  proof: 401,
  "slow-body": 408,
  "large-body": 413,
  records: 413,
  rate: 429,
  bucket: 403,
  "no-object": 404,
  unreadable: 422,
  outage: 500,
  bug: 500,
} as const

export type RefusalReason = keyof typeof REFUSALS

/** What a sender is told: a status, one sentence, and headers where the status has some. */
export type Refusal = {
  readonly reason: RefusalReason
  readonly says: string
  readonly headers?: Readonly<Record<string, string>>
  /** Where a bug is; for the log, not for the sender. */
  readonly stack?: string
}

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
type Gate = { readonly mustBeSigned: boolean } | Refusal

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

/** How a sender shows that it knows the secret. */
export type ProofKind = "bearer" | "signature" | "either"

type SharedSecret = {
  /** Any of them counts, so that one can be replaced without a gap. None: nothing is to be shown. */
  readonly secrets: readonly string[]
  readonly proof: ProofKind
}

/** How far a signature's time may be from ours, seconds: what was listened to cannot be sent again later. */
const SIGNATURE_WITHIN_SECONDS = 300

/** Longest list of signatures that is looked at. */
const MOST_SIGNATURES = 10

/** What the headers alone say: shown, to be found in the body's signature, or what is wrong, as a sentence. */
type HeaderProof = { readonly kind: "shown" | "signed" } | { readonly kind: "refused"; readonly says: string }

const refused = (says: string): HeaderProof => ({ kind: "refused", says })

/** Looks at the headers before a body is read: a request without any proof costs nothing more. */
function headerProof(headers: IncomingHttpHeaders, { secrets, proof }: SharedSecret, nowMs: number): HeaderProof {
  if (secrets.length === 0) return { kind: "shown" }
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1]
  if (bearer !== undefined && proof !== "signature") {
    return secrets.some((secret) => isSame(bearer, secret)) ? { kind: "shown" } : refused("The bearer token is wrong.")
  }
  if (headers["webhook-signature"] === undefined || proof === "bearer") {
    const how = { bearer: "Authorization: Bearer", signature: "webhook-signature", either: "either of both" }[proof]
    return refused(`The request carries no proof that its sender knows the secret (${how}).`)
  }
  const seconds = Number(headers["webhook-timestamp"] ?? Number.NaN)
  if (!(Math.abs(nowMs / 1000 - seconds) <= SIGNATURE_WITHIN_SECONDS))
    return refused(`The signature's time is more than ${SIGNATURE_WITHIN_SECONDS} seconds from ours, or missing.`)
  return { kind: "signed" }
}

/** Whether the body was signed with one of the secrets, as Standard Webhooks says: HMAC-SHA256 over id.timestamp.body. */
export function isSigned(headers: IncomingHttpHeaders, body: Uint8Array, secrets: readonly string[]): boolean {
  const [id, timestamp, list] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name])
  if (id === undefined || timestamp === undefined || typeof list !== "string") return false
  const given = list
    .split(" ")
    .slice(0, MOST_SIGNATURES)
    .flatMap((one) => (one.startsWith("v1,") ? [one.slice(3)] : []))
  return secrets.some((secret) => {
    const right = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest("base64")
    return given.some((signature) => isSame(signature, right))
  })
}

const PREFIX = "whsec_"

/** Standard Webhooks writes keys in base64 behind a prefix; any other text is the key itself. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : Buffer.from(secret)

/** Takes as long whatever is compared: hashes have one length, and how much of a text is right cannot be measured. */
const isSame = (given: string, right: string): boolean => timingSafeEqual(sha256(given), sha256(right))

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()
