import { intakeGroup } from "../../topology/groups.ts"
import type { Config } from "../config/index.ts"
import type { Role } from "../deployment/open-service.ts"
import { kafkaAccess } from "../deployment/server-access.ts"
import { done, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { openUndecodedLog, type UndecodedLog } from "../log/kafka/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Health, Position } from "./health.ts"
import type { Logger } from "./logger.ts"
import type { Metrics } from "./metrics.ts"

const EVERY_MS = 15_000

type Watched = {
  readonly config: Config
  readonly clock: Clock
  readonly roles: readonly Role[]
  readonly metrics: Pick<Metrics, "setLag">
  readonly health: Pick<Health, "positions">
  readonly logger: Pick<Logger, "debug">
}

/** Asks again and again how far the groups are, for metrics and health, until `stop`. */
export async function watchPositions(of: Watched, log: Pick<EventLog, "lag">, stop: AbortSignal): Promise<void> {
  const { clock, metrics, health, logger } = of
  const intake = intakeLogOf(of)
  while (!stop.aborted) {
    const [lag, taken] = await Promise.all([log.lag(), intakePositions(intake, of.config)])
    if (lag.ok) metrics.setLag(lag.value)
    const failure = [lag, taken].find((one) => !one.ok)
    if (failure?.ok === false) logger.debug({ says: failure.failure.says }, "the lag cannot be asked for")
    health.positions(lag.ok && taken.ok ? [...lag.value, ...taken.value] : null)
    await clock.sleep(EVERY_MS, stop)
  }
  await intake?.close()
}

/** Null where this process takes nothing in from Kafka. */
function intakeLogOf({ config, clock, roles }: Watched): UndecodedLog | null {
  const kafka = kafkaAccess(config)
  if (!kafka.ok || !roles.includes("ingest") || config.intakeTopics.length === 0) return null
  return openUndecodedLog({
    kafka: kafka.value,
    prefix: config.kafkaTopicPrefix,
    clock,
    // The failure of the answer says it.
    observe: () => undefined,
  })
}

async function intakePositions(log: UndecodedLog | null, config: Config): Promise<Result<readonly Position[]>> {
  if (log === null) return done([])
  const group = intakeGroup(config)
  const topics = config.intakeTopics.map(({ topic }) => topic)
  const found = await log.groups([{ groupId: group, topics }])
  return found.ok ? done(found.value.flatMap(({ positions }) => positions.map((one) => ({ ...one, group })))) : found
}
