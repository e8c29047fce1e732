import { type Failure, failure } from "../events/result.ts"
import { REFUSED_BATCH } from "./compression/index.ts"

/** Names of the settings that failures speak of: what an operator can change. */
export const SETTINGS = {
  brokers: "KAFKA_BROKER",
  user: "KAFKA_USERNAME and KAFKA_PASSWORD",
  tls: "KAFKA_CA",
  prefix: "KAFKA_TOPIC_PREFIX",
  registry: "SCHEMA_REGISTRY_URL",
  registryCa: "SCHEMA_REGISTRY_CA",
} as const

/** Fields of an error, or of one of its causes, that tell what happened. */
type ErrorFields = {
  readonly name?: string
  readonly type?: string
  readonly code?: unknown
  readonly message?: string
}

/** Names and codes of refusals that no waiting changes. Everything else that the client throws counts as an outage. */
const REFUSED = new Set([
  REFUSED_BATCH,
  "KafkaJSSASLAuthenticationError",
  "KafkaJSNotImplemented",
  "KafkaJSServerDoesNotSupportApiKey",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_SESSION_TIMEOUT",
  "INVALID_GROUP_ID",
  "INCONSISTENT_GROUP_PROTOCOL",
  "UNSUPPORTED_VERSION",
  "POLICY_VIOLATION",
  "INVALID_CONFIG",
  "INVALID_REPLICATION_FACTOR",
  "INVALID_PARTITIONS",
  "INVALID_RECORD",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
])

const TOO_LARGE = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"])

/**
 * What an error of the client means. `KafkaJSNonRetriableError` says only that its retries are used up, as after every
 * longer outage, so the causes decide. Within an outage the client even throws TypeErrors of its own: only it runs where
 * this is called, so these are outages too.
 */
export function classify(error: unknown, doing: string): Failure {
  if (!(error instanceof Error)) throw error
  const links = chainOf(error)
  const marks = links.flatMap(({ name, type, code }) => [name, type, code])
  const says = `${doing}: ${lastWords(links)}`
  if (marks.some((mark) => TOO_LARGE.has(String(mark)))) return failure("log/too-large", says)
  return failure(marks.some((mark) => REFUSED.has(String(mark))) ? "log/refused" : "log/unreachable", says)
}

function chainOf(error: Error): readonly ErrorFields[] {
  const links: ErrorFields[] = []
  const waiting: unknown[] = [error]
  while (waiting.length > 0 && links.length < 20) {
    const link = waiting.shift()
    if (!(link instanceof Error)) continue
    links.push(link as ErrorFields)
    waiting.push(link.cause, ...("errors" in link && Array.isArray(link.errors) ? link.errors : []))
  }
  return links
}

/** The innermost message is the one that names the reason. */
function lastWords(links: readonly ErrorFields[]): string {
  const words = links.flatMap(({ message }) => (message === undefined || message === "" ? [] : [message]))
  return (words.at(-1) ?? "no reason given").replaceAll(/\s+/g, " ").slice(0, 500)
}

/** The setting that most likely causes a failure with this message. */
export function settingAtFault(says: string): string {
  if (/sasl|authenticat/i.test(says)) return SETTINGS.user
  if (/certificate|self-signed|altname/i.test(says)) return SETTINGS.tls
  // A TLS port hangs up on plain text, and the other way round.
  if (/closed connection|wrong version number|ssl routines/i.test(says)) return `${SETTINGS.brokers} or ${SETTINGS.tls}`
  return SETTINGS.brokers
}
