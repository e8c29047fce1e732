import { type Failure, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import { type Names, TOPICS } from "../log/kafka/topic-names.ts"
import type { Clock } from "../system/clock.ts"
import { type Brokers, SETTINGS } from "./index.ts"

const WITHIN_MS = 12_000

/**
 * Whether the brokers answer, take us, and have every topic. Within 12 s, whatever is at the address.
 * Fails log/unreachable, log/refused, naming the setting.
 */
export async function checkBrokers(brokers: Brokers, names: Names, clock: Clock): Promise<Result<void>> {
  const enough = new AbortController()
  const late = clock.sleep(WITHIN_MS, enough.signal).then(() => silent(brokers))
  const found = await Promise.race([late, brokers.administer("Connecting", (admin) => admin.listTopics())])
  enough.abort()
  if (!found.ok) return failed(atFault(found.failure, brokers))
  const there = new Set(found.value)
  const missing = TOPICS.map(names.topic).filter((topic) => !there.has(topic))
  return missing.length === 0 ? done(undefined) : failed(noTopics(missing, brokers))
}

const silent = ({ address }: Brokers): Result<never> =>
  failed(failure("log/unreachable", `nothing that speaks Kafka answered at ${address} in ${WITHIN_MS / 1000} s`))

function atFault(problem: Failure, { address }: Brokers): Failure {
  const setting = settingAtFault(problem.says)
  return { ...problem, says: `${setting}: the Kafka brokers at ${address} cannot be used: ${problem.says}.` }
}

/** The setting that an operator looks at first, by what the client said of the brokers. */
export const settingAtFault = (says: string): string => {
  if (/sasl|authenticat/i.test(says)) return SETTINGS.user
  if (/certificate|self-signed|altname/i.test(says)) return SETTINGS.tls
  // A TLS port hangs up on plain text, and the other way round.
  if (/closed connection|wrong version number|ssl routines/i.test(says)) return `${SETTINGS.brokers} or ${SETTINGS.tls}`
  return SETTINGS.brokers
}

const noTopics = (missing: readonly string[], { address }: Brokers): Failure =>
  failure(
    "log/refused",
    `${SETTINGS.prefix}: the brokers at ${address} have no topic ${missing.join(", ")}. Run \`topics create\`.`,
  )
