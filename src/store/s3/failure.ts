import { type Failure, type FailureCode, type FailureKind, failure } from "../../events/result.ts"
import { certificateFault } from "../../network/http.ts"

/**
 * What an answer of an S3 means. `kind` is given where an answer about the whole account must not turn a backlog into
 * failures; `unclear` where it may be about one object or about the whole server, and somebody has to look.
 */
type Meaning = {
  readonly code: FailureCode
  readonly says: string
  readonly kind?: FailureKind
  readonly unclear?: true
}

/** Name of our own error of a body that came too slowly. */
export const TOO_SLOW = "BodyTooSlow"

const MEANINGS = {
  missing: { code: "store/missing", says: "does not exist" },
  bucketMissing: { code: "store/missing", says: "does not exist: there is no such bucket" },
  denied: { code: "store/denied", says: "is not accessible with these credentials: check the policies" },
  archived: { code: "store/denied", says: "is in an archive: restore it first" },
  credentials: {
    code: "store/denied",
    kind: "outage",
    says: "cannot be reached because the S3 store refuses the credentials: check S3_ACCESS_KEY and S3_SECRET_KEY, or whatever else gives them",
  },
  region: {
    code: "store/denied",
    kind: "outage",
    says: "is in another region than the one that requests are signed for: check S3_REGION or AWS_REGION",
  },
  badKey: {
    code: "store/bad-key",
    says: "cannot be stored here: its name is too long, is taken by a folder, or an object is where its folder should be",
  },
  changed: { code: "store/precondition-failed", says: "is not the version asked for, or was changed meanwhile" },
  range: { code: "store/range-not-satisfiable", says: "has no bytes in the range asked for" },
  tooLarge: { code: "store/too-large", says: "is larger than the store takes" },
  full: { code: "store/full", says: "cannot be stored: the store or a quota is full" },
  away: { code: "store/unreachable", says: "is out of reach: the S3 store does not answer, or asks to be left alone" },
  unsupported: { code: "store/failed", kind: "permanent", says: "needs something that this S3 store cannot do" },
  refused: {
    code: "store/failed",
    kind: "permanent",
    says: "is refused with what belongs to it: its tags or metadata",
  },
  mayPass: { code: "store/failed", says: "could not be read or written just now" },
  noAnswer: { code: "store/failed", says: "could not be read or written just now", unclear: true },
  tooSlow: {
    code: "store/failed",
    says: "came more slowly than OIIO_LEAST_THROUGHPUT allows, and was given up",
    unclear: true,
  },
} as const satisfies Record<string, Meaning>

type Name = keyof typeof MEANINGS

/** Error codes of AWS, MinIO and versitygw. */
const BY_CODE: Readonly<Record<Name, string>> = {
  missing: "NoSuchKey NotFound NoSuchVersion MethodNotAllowed NoSuchTagSet",
  bucketMissing: "NoSuchBucket",
  denied: "AccessDenied AllAccessDisabled AccountProblem",
  archived: "InvalidObjectState",
  credentials:
    "InvalidAccessKeyId SignatureDoesNotMatch XAdminUserNotFound XAdminNoSuchUser ExpiredToken ExpiredTokenException " +
    "InvalidToken TokenRefreshRequired CredentialsProviderError TokenProviderError RequestTimeTooSkewed RequestExpired",
  region:
    "AuthorizationHeaderMalformed PermanentRedirect TemporaryRedirect Redirect IllegalLocationConstraintException",
  badKey:
    "KeyTooLongError KeyTooLong InvalidURI InvalidObjectName XMinioInvalidObjectName XMinioParentIsObject " +
    "ObjectParentIsFile ExistingObjectIsDirectory DirectoryObjectContainsData",
  changed: "PreconditionFailed",
  range: "InvalidRange",
  tooLarge: "EntityTooLarge",
  full: "QuotaExceeded XMinioStorageFull XMinioAdminBucketQuotaExceeded InsufficientStorage",
  away: "SlowDown SlowDownRead SlowDownWrite ServiceUnavailable RequestLimitExceeded TooManyRequests Throttling ThrottlingException BandwidthLimitExceeded",
  unsupported: "NotImplemented",
  refused: "InvalidTag MetadataTooLarge InvalidArgument",
  mayPass: "ConditionalRequestConflict OperationAborted RequestTimeout BadDigest NoSuchUpload",
  noAnswer: "InternalError TimeoutError",
  tooSlow: TOO_SLOW,
}

const BY_STATUS: Readonly<Record<number, Name>> = {
  301: "region",
  302: "region",
  307: "region",
  401: "credentials",
  403: "denied",
  404: "missing",
  412: "changed",
  413: "tooLarge",
  416: "range",
  429: "away",
  500: "noAnswer",
  501: "unsupported",
  502: "away",
  503: "away",
  504: "away",
  507: "full",
}

const names = Object.keys(BY_CODE) as Name[]
const nameByCode = new Map(names.flatMap((name) => BY_CODE[name].split(" ").map((code) => [code, name] as const)))

type Classified = { readonly failure: Failure; readonly isUnclear: boolean }

/**
 * The failure that an error of the SDK stands for; `what` names the object, `server` the store. Nothing that the server
 * wrote is repeated but its code and status: its sentences may hold an access key. What neither the network nor an S3
 * can say is a bug of ours and thrown again.
 */
export function classify(error: unknown, what: string, server: string): Classified {
  const untrusted = certificateFault(error, { authority: "S3_CA", address: "S3_ENDPOINT" })
  if (untrusted !== null)
    return { failure: refusedCertificate(what, `the certificate of ${server} ${untrusted}`), isUnclear: false }
  const name = nameOf(error)
  if (name === null) throw error
  const { says, code, kind, unclear }: Meaning = MEANINGS[name]
  const detail = [statusOf(error), networkCodeOf(error) ?? codeOf(error)].filter((part) => part !== null).join(" ")
  const sentence = `${what} ${says}${detail === "" ? "" : ` (${detail})`}.`
  return { failure: failure(code, sentence, kind), isUnclear: unclear === true }
}

/** As refused credentials: it says nothing about the object. */
const refusedCertificate = (what: string, fault: string): Failure =>
  failure("store/denied", `${what} cannot be reached: ${fault}.`, "outage")

function nameOf(error: unknown): Name | null {
  const network = networkCodeOf(error)
  const name = nameByCode.get(codeOf(error) ?? "") ?? (network === null ? nameByStatus(error) : networkName(network))
  return name ?? (isDamagedOnTheWay(error) ? "mayPass" : null)
}

/** Not in the words of an S3: something between us and the store answered, or something else listens there. */
export const isForeign = (error: unknown): boolean => error instanceof Error && "$responseBodyText" in error

/** The SDK compares the bytes with the checksum that the store keeps; its error has no name. */
export const isDamagedOnTheWay = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("Checksum mismatch")

/** A connection that could not be made is the server's, one that broke may be this object's. */
const networkName = (code: string): Name =>
  ["ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_STREAM_PREMATURE_CLOSE"].includes(code) ? "noAnswer" : "away"

function nameByStatus(error: unknown): Name | null {
  const status = statusOf(error)
  if (status === null) return null
  if (isForeign(error) && status < 500) return "noAnswer"
  return BY_STATUS[status] ?? (status >= 500 ? "noAnswer" : "mayPass")
}

/** HTTP status of the answer; null where there was none. */
export function statusOf(error: unknown): number | null {
  const { httpStatusCode } = metadataOf(error)
  return typeof httpStatusCode === "number" ? httpStatusCode : null
}

function metadataOf(error: unknown): { readonly httpStatusCode?: unknown; readonly attempts?: unknown } {
  const found = error instanceof Error && "$metadata" in error ? error.$metadata : null
  return typeof found === "object" && found !== null ? found : {}
}

/** The error's code in S3's words; null for the SDK's own words for "it did not say". */
export function codeOf(error: unknown): string | null {
  const name = error instanceof Error ? error.name : ""
  const isCode = /^[A-Za-z][A-Za-z0-9.]{2,63}$/.test(name)
  return isCode && !["Error", "Unknown", "UnknownError", "TypeError", "SyntaxError"].includes(name) ? name : null
}

/** How often the SDK asked before it gave up. */
export const attemptsOf = (error: unknown): number => {
  const { attempts } = metadataOf(error)
  return typeof attempts === "number" ? attempts : 1
}

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
function networkCodeOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = "code" in at && typeof at.code === "string" ? at.code : ""
    if (NETWORK_CODES.has(code) || isTls(code)) return code
    if (code.startsWith("HPE_")) return code
    if (BROKEN.test(at.message)) return "ECONNRESET"
    if (at instanceof AggregateError) return at.errors.map(networkCodeOf).find((found) => found !== null) ?? null
  }
  return null
}
