import type { Observation } from "../../topology/ports.ts"
import type { IntakeObservation } from "../ingest/index.ts"
import type { KafkaEvent } from "../kafka/index.ts"
import { type Clock, type RateLimited, rateLimited } from "../system/clock.ts"
import type { Health } from "./health.ts"
import type { Logger } from "./logger.ts"
import type { Metrics } from "./metrics.ts"

/** Where everything that happens in a service is told: metrics, and the log of the process. */
export type ServiceObserver = Pick<Metrics, "observe" | "observeIntake" | "observeKafka">

/** An outage meets everything that is under way: one line says it, and it is said again only after this time. */
const REPEAT_MS = 30_000

/** Tells metrics and log. */
export function openServiceObserver(logger: Logger, metrics: Metrics, clock: Pick<Clock, "steadyMs">): ServiceObserver {
  const limited = rateLimited(clock, REPEAT_MS)
  return {
    observe: (observation) => {
      metrics.observe(observation)
      logWork(logger, observation, limited)
    },
    observeIntake: (observation) => {
      metrics.observeIntake(observation)
      logIntake(logger, observation, limited)
    },
    observeKafka: (event) => {
      metrics.observeKafka(event)
      logKafka(logger, event, limited)
    },
  }
}

/** Tells the health of the process, too. */
export const alsoHeardBy = (
  health: Pick<Health, "observe" | "observeKafka">,
  observer: ServiceObserver,
): ServiceObserver => ({
  ...observer,
  observe: (observation) => {
    observer.observe(observation)
    health.observe(observation)
  },
  observeKafka: (event) => {
    observer.observeKafka(event)
    health.observeKafka(event)
  },
})

function logWork(logger: Logger, observation: Observation, limited: RateLimited): void {
  if (observation.kind === "made") {
    const { bucket, key, reused } = observation
    logger.info({ bucket, key, reused }, reused ? "outputs are current" : "outputs made")
  } else if (observation.kind === "remark") {
    const { bucket, key, says } = observation
    limited(`remark ${bucket} ${says}`, () => logger.warn({ bucket, key, says }, "remark about a source"))
  } else if (observation.kind === "no-job") {
    const { bucket, key, success } = observation
    limited(`no job ${bucket}`, () => logger.info({ bucket, key, success }, "no job is named: no completion is told"))
  } else if (observation.kind === "dead-letter") {
    logger.warn({ topic: observation.topic, says: observation.says }, "record cannot be read")
  } else if ("failure" in observation) {
    const { kind, step: stage, failure } = observation
    const fields = { stage, code: failure.code, says: failure.says }
    if (kind === "failed")
      logger.warn({ bucket: observation.bucket, key: observation.key, ...fields }, "element failed")
    else if (kind === "retry") logger.debug({ ...fields, waitMs: observation.waitMs }, "trying again")
    else limited(`${stage} ${failure.code}`, () => logger.warn(fields, "waiting for a server"))
  }
}

function logIntake(logger: Logger, observation: IntakeObservation, limited: RateLimited): void {
  if (observation.kind === "dead-letter") {
    logger.warn({ from: observation.topic, says: observation.says }, "message cannot be read")
  } else if (observation.kind === "refused") {
    const { kind: _, ...fields } = observation
    const level = fields.stack === undefined ? "warn" : "error"
    limited(`refused ${fields.from} ${fields.reason}`, () => logger[level](fields, "request refused"))
  } else if (observation.kind === "distrusted") {
    const { from, what } = observation
    const setting = { ids: "OIIO_INTAKE_TRUST_IDS", force: "OIIO_INTAKE_TRUST_FORCE" }[what]
    limited(`distrusted ${from} ${what}`, () => logger.warn({ from, what, setting }, "not believed, left out"))
  } else if (observation.kind === "remark") {
    const { from, says } = observation
    limited(`remark ${from}`, () => logger.warn({ from, says }, "remark about a message"))
  } else if (observation.kind === "arrived") {
    logger.debug({ from: observation.from, arrivals: observation.arrivals }, "arrivals taken in")
  } else if (observation.kind === "removals") {
    logger.debug({ from: observation.from, removals: observation.removals }, "removals reported")
  } else if (observation.kind === "hints") {
    logger.debug({ from: observation.from, hints: observation.hints }, "hints about sequences taken in")
  }
}

function logKafka(logger: Logger, event: KafkaEvent, limited: RateLimited): void {
  if (event.kind === "outage") {
    const { group, says } = event
    limited(`kafka ${group} ${says}`, () => logger.warn({ group, says }, "waiting for the brokers"))
  } else if (event.kind === "client") {
    limited(`client ${event.says}`, () => logger.debug({ says: event.says }, "kafka client"))
  } else if (event.kind === "left") {
    limited(`left ${event.group}`, () => logger.info({ group: event.group }, "out of the group, joins again"))
  } else logger.info({ group: event.group, partitions: event.partitions }, `partitions ${event.kind}`)
}
