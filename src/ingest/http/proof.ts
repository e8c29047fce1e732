import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** How a sender shows that it knows the secret. */
export type ProofKind = "bearer" | "signature" | "either"

export type SharedSecret = {
  /** Any of them counts, so that one can be replaced without a gap. None: nothing is to be shown. */
  readonly secrets: readonly string[]
  readonly proof: ProofKind
}

/** How far a signature's time may be from ours, seconds: what was listened to cannot be sent again later. */
export const SIGNATURE_WITHIN_SECONDS = 300

/** Longest list of signatures that is looked at. */
const MOST_SIGNATURES = 10

/** What the headers alone say: shown, to be found in the body's signature, or what is wrong, as a sentence. */
export type HeaderProof = { readonly kind: "shown" | "signed" } | { readonly kind: "refused"; readonly says: string }

const refused = (says: string): HeaderProof => ({ kind: "refused", says })

/** Looks at the headers before a body is read: a request without any proof costs nothing more. */
export function headerProof(
  headers: IncomingHttpHeaders,
  { secrets, proof }: SharedSecret,
  nowMs: number,
): HeaderProof {
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
