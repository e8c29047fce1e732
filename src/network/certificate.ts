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
