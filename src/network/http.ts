import { request as plainRequest } from "node:http"
import { type RequestOptions, request as tlsRequest } from "node:https"

export type HttpExchange = {
  readonly method: "GET" | "PUT" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM text of the authorities to trust; null: those that Node knows. */
  readonly ca: string | null
  /** Who we are, where the server asks for a certificate; absent where it does not. */
  readonly client?: ClientCertificate
  /** For the whole answer, milliseconds. */
  readonly withinMs: number
}

/** PEM texts of a certificate, with those between it and its authority, and of its private key. */
export type ClientCertificate = {
  readonly certificate: string
  readonly key: string
  /** Of the key, where it is encrypted. */
  readonly passphrase?: string
}

export type HttpAnswer = {
  readonly status: number
  readonly text: string
  /** Where else the server sends us; empty when it does not. No redirect is followed: the headers may hold a password. */
  readonly location: string
}

/**
 * One request over http or https, because `fetch` takes no authority of ours. Rejects with Node's own error of the network
 * or of the certificate, and with a `TimeoutError` when the answer is not whole in time.
 */
export async function exchangeHttp(url: string, exchange: HttpExchange): Promise<HttpAnswer> {
  const { method, headers, body, withinMs } = exchange
  const signal = AbortSignal.timeout(withinMs)
  const options = { method, headers: { ...headers, ...lengthOf(body) }, signal }
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const request = url.startsWith("https:")
        ? tlsRequest(url, { ...options, ...trustOf(exchange) })
        : plainRequest(url, options)
      request.on("error", reject)
      request.on("response", (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", reject)
        response.on("end", () => {
          const { statusCode: status = 0, headers: answered } = response
          resolve({ status, text: Buffer.concat(chunks).toString("utf8"), location: answered.location ?? "" })
        })
      })
      request.end(body)
    })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

const trustOf = ({ ca, client }: HttpExchange): RequestOptions => ({
  ...(ca !== null && { ca }),
  ...(client && tlsIdentity(client)),
})

/** As Node's TLS takes it. */
export const tlsIdentity = ({ certificate, key, passphrase }: ClientCertificate) => ({
  cert: certificate,
  key,
  ...(passphrase !== undefined && { passphrase }),
})

const lengthOf = (body: string | undefined): Readonly<Record<string, string>> =>
  body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }

/** What Node says of a certificate that it does not accept, and what the operator can do; `authority` is the setting for it. */
const FAULTS: readonly (readonly [RegExp, (code: string, setting: CertificateSettings) => string])[] = [
  [
    /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)$/,
    (code, { authority }) =>
      `is signed by no authority that is trusted here (${code}): name the authority's certificate in ${authority}`,
  ],
  [
    /^(?:ERR_TLS_CERT_ALTNAME_\w+|HOSTNAME_MISMATCH)$/,
    (code, { address }) => `is for another host (${code}): ${address} has to use a name that stands in the certificate`,
  ],
  [/^CERT_HAS_EXPIRED$/, (code) => `has expired (${code}): renew it, or set this machine's clock`],
  [/^CERT_NOT_YET_VALID$/, (code) => `is not valid yet (${code}): set this machine's clock`],
  [/^CERT_\w+$/, (code) => `is not accepted (${code})`],
]

export type CertificateSettings = {
  /** Setting that names the authorities to trust. */
  readonly authority: string
  /** Setting that holds the server's address. */
  readonly address: string
}

const MOST_CAUSES = 5

/**
 * Why the certificate of a server is refused, as the end of a sentence that begins with the certificate; null for an error
 * of any other kind. The code is looked for in the error's causes too.
 */
export function certificateFault(error: unknown, settings: CertificateSettings): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < MOST_CAUSES; at = at.cause, depth++) {
    const code = "code" in at && typeof at.code === "string" ? at.code : ""
    const [, says] = FAULTS.find(([pattern]) => pattern.test(code)) ?? []
    if (says !== undefined) return says(code, settings)
    if (at instanceof AggregateError) return certificateFault(at.errors[0], settings)
  }
  return null
}
