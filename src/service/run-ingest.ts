import { persist } from "../../topology/flow/retry.ts"
import { intakeGroup } from "../../topology/groups.ts"
import type { Stopping } from "../../topology/ports.ts"
import type { Config } from "../config/index.ts"
import { endingsOf } from "../config/table-folder.ts"
import type { IngestService } from "../deployment/open-service.ts"
import { queueOf } from "../deployment/queue.ts"
import { kafkaAccess } from "../deployment/server-access.ts"
import { type Failure, failure } from "../events/failure.ts"
import { done, type Result } from "../events/result.ts"
import type { IntakeSource } from "../ingest/arrival/message.ts"
import { isAnonymous } from "../ingest/http/access.ts"
import type { Existing, VersionOf } from "../ingest/http/take-request.ts"
import { type HttpIntake, openHttpIntake } from "../ingest/http.ts"
import { type KafkaIntake, openKafkaIntake } from "../ingest/kafka.ts"
import { type ReconcilePorts, reconcileAll } from "../ingest/listing/reconcile.ts"
import type { EventLog } from "../log/index.ts"
import { intakeAccess, intakeLimits, intakeTrust } from "./intake-access.ts"
import type { Logger } from "./logger.ts"
import type { Running } from "./roles.ts"
import type { ServiceObserver } from "./service-observer.ts"

export type IngestInput = {
  readonly config: Config
  readonly service: IngestService
  readonly observer: ServiceObserver
  readonly logger: Logger
  readonly stopping: Stopping
}

/** The ways in that the settings name, opened. */
export type OpenIntakes = { readonly kafka: KafkaIntake | null; readonly http: HttpIntake | null }

const sourceOf = (
  { config, service: { outputsFor } }: IngestInput,
  kind: "kafka" | "http",
  dialect = config.intakeDialect,
): IntakeSource => ({
  dialect,
  outputsFor,
  buckets: config.s3Buckets,
  prefixes: config.intakePrefixes,
  suffixes: config.intakeSuffixes,
  endings: endingsOf(config),
  trust: intakeTrust(config, kind),
})

/** Opens the intakes; a topic that is not there or a port that is taken fails the start. */
export async function openIntakes(input: IngestInput): Promise<Result<OpenIntakes>> {
  const { config, service, observer } = input
  const kafka = config.intakeTopics.length === 0 ? done(null) : await openTopics(input)
  if (!kafka.ok) return kafka
  if (!config.intakeHttp) return done({ kafka: kafka.value, http: null })
  const access = intakeAccess(config)
  if (!access.ok) return access
  const http = await openHttpIntake({
    host: config.intakeHost,
    port: config.intakePort,
    source: sourceOf(input, "http"),
    access: access.value,
    limits: intakeLimits(config),
    exists: isAnonymous(access.value) ? existing(service) : null,
    versionOf: versionOf(service),
    append: service.flow.log.append,
    clock: service.flow.clock,
    observe: observer.observeIntake,
  })
  return http.ok ? done({ kafka: kafka.value, http: http.value }) : http
}

const versionOf =
  ({ store }: IngestService): VersionOf =>
  async (ref) => {
    const head = await store.head(ref)
    if (head.ok) return done(head.value.sourceVersion)
    // What may not be looked at is the workers' to tell of; only an outage is worth asking again.
    return head.failure.kind === "permanent" ? done(null) : head
  }

/** What is not there for us, because it is missing or ours not to read, is not there; a store that is away says nothing. */
const existing = ({ store, table }: IngestService): Existing => ({
  object: async (ref) => {
    const head = await store.head(ref)
    if (head.ok) return done(true)
    return head.failure.kind === "permanent" ? done(false) : head
  },
  row: async ({ bucket, key }) => {
    const row = await table.element(bucket, key)
    return row.ok ? done(row.value !== null) : row
  },
})

async function openTopics(input: IngestInput): Promise<Result<KafkaIntake>> {
  const { config, service, observer, stopping } = input
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  return openKafkaIntake({
    kafka: kafka.value,
    groupId: intakeGroup(config),
    sources: new Map(
      config.intakeTopics.map(({ topic, dialect }) => [topic, sourceOf(input, "kafka", dialect ?? undefined)]),
    ),
    append: waitingAppend(service, stopping),
    clock: service.flow.clock,
    observe: observer.observeIntake,
    observeKafka: observer.observeKafka,
  })
}

/** Nobody asks Kafka's intake for an answer: it waits until the log is there again. */
const waitingAppend =
  ({ flow }: IngestService, { stop, abort }: Stopping): EventLog["append"] =>
  async (records) => {
    const ports = { ...flow, ending: stop }
    return (await persist("take-in", () => flow.log.append(records), ports, abort)).result
  }

/** Everything that brings arrivals in, until it is stopped. */
export function runIngest(input: IngestInput, { kafka, http }: OpenIntakes): readonly Running[] {
  const { config, stopping, logger } = input
  const unlisted = nothingListed(config)
  if (unlisted !== null) logger.warn(unlisted)
  return [
    ...(kafka === null ? [] : [kafka.run(stopping.stop)]),
    ...(http === null ? [] : [serving(http, stopping.stop)]),
    ...(unlisted === null ? [reconciling(input)] : []),
  ]
}

/** Why nobody will find what no notification told of; null where the buckets are listed. */
function nothingListed({ s3Buckets, reconcileMinutes }: Config): string | null {
  const lost = "Frames whose notification is lost will never be found"
  if (s3Buckets.length === 0)
    return `${lost}, and notifications from any bucket are taken: set S3_BUCKETS, and the buckets are listed on a schedule.`
  if (reconcileMinutes === 0)
    return `${lost}: OIIO_RECONCILE_MINUTES is 0. Set it to the minutes between two listings of S3_BUCKETS.`
  return null
}

async function serving(http: HttpIntake, stop: AbortSignal): Running {
  const stopped = new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }))
  try {
    if (!stop.aborted) await Promise.race([stopped, http.broken])
  } finally {
    await http.close()
  }
  return null
}

/** Objects younger than this are left for the next round: their message is most likely on its way. */
const YOUNG_MS = 5 * 60_000

/** What it needs may be away for a while: it says so and tries again at the next round. */
async function reconciling({ config, service, observer, logger, stopping: { stop } }: IngestInput): Running {
  const { clock } = service.flow
  while (!stop.aborted) {
    for (const bucket of config.s3Buckets) {
      const isSettled = ({ lastModifiedMs }: { readonly lastModifiedMs: number }): boolean =>
        // By the clock that wrote the time: ours may be an hour behind, and then every object would be young.
        lastModifiedMs <= service.store.nowMs() - YOUNG_MS
      const options = { bucket, suffixes: config.intakeSuffixes, endings: endingsOf(config), signal: stop, isSettled }
      const report = await reconcileAll(reconcilePorts(service), options, config.intakePrefixes)
      if (!report.ok) {
        logger.warn({ bucket, code: report.failure.code, says: report.failure.says }, "reconciliation broke off")
        continue
      }
      const { found, arrived, current, alreadyQueued, removed, unlisted } = report.value
      logger.info(
        { bucket, found, arrived, current, alreadyQueued, removed, unlisted: unlisted.length },
        "bucket reconciled",
      )
      if (removed > 0) observer.observeIntake({ kind: "removals", from: "listing", removals: removed })
      if (arrived > 0) observer.observeIntake({ kind: "arrived", from: "listing", arrivals: arrived })
    }
    await clock.sleep(config.reconcileMinutes * 60_000, stop)
  }
  return null
}

export const reconcilePorts = ({
  flow,
  store,
  table,
  picture,
  settingsFor,
  outputsFor,
  looksBeside,
}: IngestService): ReconcilePorts => ({
  store,
  table,
  picture,
  settingsFor,
  outputsFor,
  ...(looksBeside && { looksBeside }),
  append: flow.log.append,
  clock: flow.clock,
  queue: queueOf(flow),
})

/** What is wrong with settings that let nothing in, or let in whoever comes; null when something comes in. */
export function intakeProblem(config: Config): Failure | null {
  if (config.intakeHttp) {
    const access = intakeAccess(config)
    return access.ok ? null : access.failure
  }
  return config.intakeTopics.length > 0 || (config.reconcileMinutes > 0 && config.s3Buckets.length > 0)
    ? null
    : failure(
        "config/invalid",
        "Nothing would come in: set OIIO_INTAKE_TOPICS, OIIO_INTAKE_HTTP, or S3_BUCKETS with OIIO_RECONCILE_MINUTES.",
      )
}
