import { persist } from "../../topology/flow/retry.ts"
import { intakeGroup } from "../../topology/groups.ts"
import type { Observation, Stopping } from "../../topology/ports.ts"
import { addressTest, isLoopback } from "../config/address-ranges.ts"
import { farmPlaceFor } from "../config/farm-rules.ts"
import type { Config } from "../config/index.ts"
import { endingsOf } from "../config/table-folder.ts"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import type { IntakeSource, IntakeTrust } from "../ingest/arrival/message.ts"
import { type HttpAccess, isAnonymous } from "../ingest/http/access.ts"
import type { Existing, VersionOf } from "../ingest/http/take-request.ts"
import { type HttpIntake, type HttpLimits, openHttpIntake } from "../ingest/http.ts"
import type { Intake, IntakeObservation } from "../ingest/index.ts"
import { openKafkaIntake } from "../ingest/kafka.ts"
import { TAKE_IN } from "../ingest/steps.ts"
import type { Observe } from "../kafka/index.ts"
import type { PartitionPosition } from "../kafka/positions.ts"
import type { EventLog } from "../log/index.ts"
import { openUndecodedLog } from "../log/kafka/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Ingest } from "./roles.ts"
import { kafkaAccess, pems } from "./server-access.ts"

type IngestPorts = Ingest["ports"]

/** Who hears of what intakes do. None of them may throw. */
export type IntakeObserver = {
  readonly observe: (observation: Observation) => void
  readonly observeIntake: (observation: IntakeObservation) => void
  readonly observeKafka: Observe
}

export type IntakeInput = {
  readonly config: Config
  readonly ports: IngestPorts
  readonly observer: IntakeObserver
  readonly stopping: Stopping
}

/** The ways in that the settings name, opened. */
export type OpenIntakes = { readonly kafka: Intake | null; readonly http: HttpIntake | null }

const sourceOf = (
  { config, ports: { outputsFor } }: IntakeInput,
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
  placeOfWork: farmPlaceFor(config.farmRules),
})

/** Opens the intakes; a topic that is not there or a port that is taken fails the start. */
export async function openIntakes(input: IntakeInput): Promise<Result<OpenIntakes>> {
  const { config, ports, observer } = input
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
    exists: isAnonymous(access.value) ? existing(ports) : null,
    versionOf: versionOf(ports),
    append: ports.log.append,
    clock: ports.clock,
    observe: observer.observeIntake,
  })
  return http.ok ? done({ kafka: kafka.value, http: http.value }) : http
}

const versionOf =
  ({ store }: IngestPorts): VersionOf =>
  async (ref) => {
    const head = await store.head(ref)
    if (head.ok) return done(head.value.sourceVersion)
    // What may not be looked at is the workers' to tell of; only an outage is worth asking again.
    return head.failure.kind === "permanent" ? done(null) : head
  }

/** What is not there for us, because it is missing or ours not to read, is not there; a store that is away says nothing. */
const existing = ({ store, table }: IngestPorts): Existing => ({
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

async function openTopics(input: IntakeInput): Promise<Result<Intake>> {
  const { config, ports, observer } = input
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  return openKafkaIntake({
    kafka: kafka.value,
    groupId: intakeGroup(config),
    sources: new Map(
      config.intakeTopics.map(({ topic, dialect }) => [topic, sourceOf(input, "kafka", dialect ?? undefined)]),
    ),
    append: waitingAppend(input),
    clock: ports.clock,
    observe: observer.observeIntake,
    observeKafka: observer.observeKafka,
  })
}

/** Nobody asks Kafka's intake for an answer: it waits until the log is there again. */
const waitingAppend =
  ({ ports, observer: { observe }, stopping: { stop, abort } }: IntakeInput): EventLog["append"] =>
  async (records) =>
    (await persist(TAKE_IN.name, () => ports.log.append(records), { ...ports, observe, ending: stop }, abort)).result

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

const wanting = (says: string): Failure => failure("config/invalid", says)

/** Who may send to the HTTP intake. Fails config/invalid, naming the setting; so does an intake that anybody may reach. */
export function intakeAccess(config: Config): Result<HttpAccess> {
  const tls = tlsOf(config)
  if (!tls.ok) return tls
  const access: HttpAccess = {
    secrets: config.intakeSecret,
    proof: config.intakeProof,
    allows: config.intakeAllow.length === 0 ? null : addressTest(config.intakeAllow),
    tls: tls.value,
  }
  if (!isAnonymous(access) || isLoopback(config.intakeHost)) return done(access)
  return failed(
    wanting(
      `OIIO_INTAKE_HOST: ${config.intakeHost} can be reached from other machines, so senders must be known: set OIIO_INTAKE_SECRET, OIIO_INTAKE_ALLOW or OIIO_INTAKE_CLIENT_CA, listen on 127.0.0.1, or switch the HTTP intake off (OIIO_INTAKE_HTTP=false).`,
    ),
  )
}

function tlsOf({ intakeCert, intakeKey, intakeClientCa }: Config): Result<HttpAccess["tls"]> {
  if ((intakeCert === null) !== (intakeKey === null))
    return failed(wanting("OIIO_INTAKE_CERT and OIIO_INTAKE_KEY belong together."))
  if (intakeCert === null && intakeClientCa !== null)
    return failed(wanting("OIIO_INTAKE_CLIENT_CA needs OIIO_INTAKE_CERT and OIIO_INTAKE_KEY."))
  const files = pems({
    cert: [intakeCert, "OIIO_INTAKE_CERT"],
    key: [intakeKey, "OIIO_INTAKE_KEY"],
    clientCa: [intakeClientCa, "OIIO_INTAKE_CLIENT_CA"],
  })
  if (!files.ok) return files
  const { cert, key, clientCa = null } = files.value
  return done(cert === undefined || key === undefined ? null : { cert, key, clientCa })
}

/** Until a request's headers are there, and over which a body's throughput is measured. */
const PATIENCE_MS = 10_000

export const intakeLimits = (config: Config): HttpLimits => ({
  mostBodyBytes: config.intakeBodyBytes,
  mostRecords: config.intakeRecords,
  recordsPerMinute: config.intakeRate,
  mostConnections: config.intakeConnections,
  mostConnectionsPerAddress: Math.min(config.intakeConnections, config.intakeConnectionsPerAddress),
  leastBytesPerSecond: config.leastThroughputBytes,
  patienceMs: PATIENCE_MS,
})

/** What the intake of one kind believes of its senders. */
export const intakeTrust = (config: Config, kind: "kafka" | "http"): IntakeTrust => ({
  ids: [kind, "all"].includes(config.intakeTrustIds),
  force: [kind, "all"].includes(config.intakeTrustForce),
})

/** How far the group of an intake is in topics of others. */
export type IntakePositions = {
  positions(): Promise<Result<readonly (PartitionPosition & { readonly group: string })[]>>
  close(): Promise<void>
}

/** Opens the way to them; null where the settings take nothing in from Kafka. */
export function openIntakePositions(config: Config, clock: Clock): IntakePositions | null {
  const kafka = kafkaAccess(config)
  if (!kafka.ok || config.intakeTopics.length === 0) return null
  const log = openUndecodedLog({
    kafka: kafka.value,
    prefix: config.kafkaTopicPrefix,
    clock,
    // The failure of the answer says it.
    observe: () => undefined,
  })
  const group = intakeGroup(config)
  const topics = config.intakeTopics.map(({ topic }) => topic)
  return {
    positions: async () => {
      const found = await log.groups([{ groupId: group, topics }])
      return found.ok
        ? done(found.value.flatMap(({ positions }) => positions.map((one) => ({ ...one, group }))))
        : found
    },
    close: () => log.close(),
  }
}
