import type { Config } from "../config/index.ts"
import type { OutputsBase } from "../element/output-places.ts"
import { type Failure, failed, failure, type Result } from "../events/result.ts"
import { settingAtFault } from "../kafka/failures.ts"
import { brokersAt, type KafkaAccess } from "../kafka/index.ts"
import { missingTopics } from "../kafka/topics.ts"
import { checkRegistry } from "../log/kafka/schemas.ts"
import { checkLogTopics } from "../log/kafka/topics.ts"
import type { S3Connection } from "../store/s3/client.ts"
import { type BucketFindings, tryOutBucket } from "../store/s3/try-out.ts"
import { openS3Store } from "../store/s3.ts"
import { type Clock, within } from "../system/clock.ts"
import { checkTrinoTables } from "../table/trino.ts"
import type { Check } from "./checks.ts"
import { platformOutputs } from "./outputs-elsewhere.ts"
import { kafkaAccess, registryAccess, s3Connection, trinoOptions } from "./server-access.ts"

type Checking = { readonly config: Config; readonly clock: Clock }

/** Asks every server that the settings name, all at once: one that is away keeps nobody from hearing about the others. */
export async function checkServers(checking: Checking): Promise<readonly Check[]> {
  const parts = await Promise.all([
    kafkaChecks(checking),
    registryCheck(checking),
    storeChecks(checking),
    tableCheck(checking),
  ])
  return parts.flat()
}

const ok = (what: string, says: string): Check => ({ what, verdict: "ok", says })
const note = (what: string, says: string): Check => ({ what, verdict: "note", says })
const missing = (what: string, { says }: Pick<Failure, "says">): Check => ({ what, verdict: "missing", says })

const WITHIN_MS = 20_000

/** The clients have limits of their own for a connection; this one holds for whatever else a server does. */
function inTime<T>(clock: Clock, what: string, answer: Promise<Result<T>>): Promise<Result<T>> {
  const says = `${what} did not answer within ${WITHIN_MS / 1000} s.`
  return within({ clock, ms: WITHIN_MS, late: () => failed(failure("log/unreachable", says)) }, answer)
}

async function kafkaChecks({ config, clock }: Checking): Promise<readonly Check[]> {
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return [missing("Kafka", kafka.failure)]
  const address = kafka.value.brokers.join(", ")
  const looked = checkLogTopics({ kafka: kafka.value, prefix: config.kafkaTopicPrefix })
  const found = await inTime(clock, `Kafka at ${address} (KAFKA_BROKER)`, looked)
  if (!found.ok) return [missing("Kafka", { says: `${settingAtFault(found.failure.says)}: ${found.failure.says}` })]
  const findings = found.value.map(({ topic, severity, says }): Check => {
    const remedy = says === "the topic does not exist" ? "; run `topics create`" : ""
    return { what: `topic ${topic}`, verdict: severity === "loss" ? "missing" : "note", says: `${says}${remedy}` }
  })
  const topics = findings.length === 0 ? [ok("topics", "all there, and keep what they must")] : findings
  return [ok("Kafka", address), ...topics, ...(await othersChecks({ config, clock }, kafka.value))]
}

/** Topics that others write or read: arrivals, and the messages that they wait for. */
async function othersChecks({ config, clock }: Checking, kafka: KafkaAccess): Promise<readonly Check[]> {
  const arrivals = config.intakeTopics.map(({ topic }) => topic)
  const wanted = [...arrivals, config.kafkaTopic, config.kafkaCompletionTopic]
  const absent = await inTime(
    clock,
    "Kafka (KAFKA_BROKER)",
    missingTopics(
      brokersAt(kafka, () => undefined),
      wanted,
    ),
  )
  if (!absent.ok) return [missing("topics of others", absent.failure)]
  return wanted.map((topic) => {
    if (!absent.value.includes(topic)) return ok(`topic ${topic}`, "there")
    return missing(`topic ${topic}`, {
      says: arrivals.includes(topic)
        ? "OIIO_INTAKE_TOPICS: the topic does not exist; correct its name, or run `topics create --with-intake`"
        : "KAFKA_TOPIC, KAFKA_COMPLETION_TOPIC: the topic does not exist; run `topics create`",
    })
  })
}

async function registryCheck({ config, clock }: Checking): Promise<readonly Check[]> {
  const what = "schema registry"
  const access = registryAccess(config)
  if (!access.ok) return [missing(what, access.failure)]
  const found = await inTime(
    clock,
    "The schema registry (SCHEMA_REGISTRY_URL)",
    checkRegistry(access.value, config.kafkaTopicPrefix, clock),
  )
  return [found.ok ? ok(what, `${found.value} schemas of this version are registered`) : missing(what, found.failure)]
}

async function storeChecks({ config, clock }: Checking): Promise<readonly Check[]> {
  const connection = s3Connection(config)
  if (!connection.ok) return [missing("S3", connection.failure)]
  const outputs = platformOutputs(config)
  if (!outputs.ok) return [missing("outputs", outputs.failure)]
  const ofOutputs = outputs.value === null ? [] : [outputsCheck({ config, clock }, connection.value, outputs.value)]
  if (config.s3Buckets.length === 0) {
    const store = await openS3Store({ ...connection.value, buckets: [], clock })
    if (!store.ok) return [missing("S3", store.failure)]
    await store.value.close()
    return [
      ...(await Promise.all(ofOutputs)).flat(),
      note("S3", "answers, but S3_BUCKETS names no bucket: none is tried, and none is listed for lost notifications"),
    ]
  }
  const checks = config.s3Buckets.map(async (bucket): Promise<readonly Check[]> => {
    const what = `S3 bucket ${bucket}`
    if (outputs.value !== null) {
      const store = await openS3Store({ ...connection.value, buckets: [bucket], clock })
      if (!store.ok) return [missing(what, store.failure)]
      await store.value.close()
      return [ok(what, "can be listed; outputs go elsewhere")]
    }
    const found = await inTime(clock, `${what} (S3_ENDPOINT)`, tryOutBucket({ ...connection.value, bucket, clock }))
    if (!found.ok) return [missing(what, found.failure)]
    return [
      ok(what, "can be listed, read and written"),
      conditionCheck(bucket, found.value),
      clockCheck(bucket, found.value),
    ]
  })
  return (await Promise.all([...checks, ...ofOutputs])).flat()
}

/** Tried where outputs will lie: a policy may hold for a prefix alone. */
async function outputsCheck(
  { clock }: Checking,
  connection: S3Connection,
  { bucket, prefix }: OutputsBase,
): Promise<readonly Check[]> {
  const what = `outputs in s3://${bucket}/${prefix}`
  const found = await inTime(clock, `${what} (S3_ENDPOINT)`, tryOutBucket({ ...connection, bucket, prefix, clock }))
  if (!found.ok) return [missing(what, found.failure)]
  return [ok(what, "can be written and read"), conditionCheck(bucket, found.value), clockCheck(bucket, found.value)]
}

function conditionCheck(bucket: string, { conditions }: BucketFindings): Check {
  const what = `S3 conditions of ${bucket}`
  if (conditions === "honoured") return ok(what, "If-None-Match is honoured")
  const says = conditions === "ignored" ? "is ignored" : "is answered 501"
  return missing(what, {
    says: `If-None-Match on PUT ${says}: two sources of one name could overwrite each other's outputs. Use a version of the S3 store, or a gateway, that honours it.`,
  })
}

/** Beyond a quarter of an hour an S3 refuses what is signed. */
const REFUSED_MS = 15 * 60_000
const NOTED_MS = 5_000

function clockCheck(bucket: string, { aheadMs }: BucketFindings): Check {
  const what = `clock of ${bucket}`
  const apart = Math.abs(aheadMs)
  if (apart <= NOTED_MS) return ok(what, "this machine and the S3 store agree")
  const says = `this machine is ${Math.round(apart / 1000)} s ${aheadMs > 0 ? "behind" : "ahead of"} the S3 store: synchronise the clocks (NTP)`
  return apart > REFUSED_MS ? missing(what, { says }) : note(what, says)
}

async function tableCheck({ config, clock }: Checking): Promise<readonly Check[]> {
  const what = "Trino"
  const options = trinoOptions(config)
  if (!options.ok) return [missing(what, options.failure)]
  const found = await inTime(clock, "Trino (VAST_DB_ENDPOINT)", checkTrinoTables({ ...options.value, clock }))
  if (!found.ok) return [missing(what, found.failure)]
  const schema = `${config.vastDbCatalog}."${config.vastDbBucket}/${config.vastDbSchema}"`
  return found.value.length === 0
    ? [ok(what, `the tables of ${schema} are there and may be written`)]
    : [
        note(
          what,
          `${schema} has no table ${found.value.join(", ")} yet: the first \`projector\` makes them, for which VAST_DB_USER needs the right`,
        ),
      ]
}
