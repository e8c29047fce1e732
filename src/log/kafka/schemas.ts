import { Agent } from "node:https"
import type { SchemaRegistry } from "@kafkajs/confluent-schema-registry"
import { currentSchemas } from "../../events/codec.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { FACT_TOPICS, type FactTopic } from "../../events/schemas.ts"
import { SETTINGS } from "../../kafka/failures.ts"
import { type Names, namesWith } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import {
  type AskRegistry,
  askAtStart,
  askRegistry,
  GIVEN_UP_AFTER_MS,
  numberField,
  type RegistryAccess,
  type RegistryAddress,
  registryAddress,
  strangeAnswer,
  textField,
} from "./registry.ts"

/** The compatibility level under which every version reads what every other wrote. */
const COMPATIBILITY = "FULL_TRANSITIVE"

/** Subject of a topic's values. */
const schemaSubject = (topic: FactTopic, names: Names): string => `${names.topic(topic)}-value`

/**
 * Ids under which the registry keeps this version's schemas, by topic. Fails registry/refused where the address is none
 * of a registry, a subject's compatibility is not FULL_TRANSITIVE, or a schema is not registered; registry/unreachable.
 */
export async function currentIds(
  ask: AskRegistry,
  { url }: RegistryAddress,
  names: Names,
): Promise<Result<ReadonlyMap<FactTopic, number>>> {
  const root = await ask({ method: "GET", path: "/config" })
  if (!root.ok) return settingAtFault(root, url)
  if (textField(root.value.body, "compatibilityLevel") === null) {
    const says = `${SETTINGS.registry}: what answers at ${url} is no Confluent-compatible schema registry: GET ${url}/config answers ${root.value.status} without a compatibility level.`
    return failed(failure("registry/refused", says))
  }
  const found = await Promise.all(FACT_TOPICS.map((topic) => currentId(ask, topic, names)))
  const ids = new Map<FactTopic, number>()
  for (const [index, id] of found.entries()) {
    if (!id.ok) return settingAtFault(id, url)
    ids.set(FACT_TOPICS[index] as FactTopic, id.value)
  }
  return done(ids)
}

/** Whether the registry serves this version's schemas; fails as {@link currentIds}. */
export async function checkRegistry(
  access: RegistryAccess,
  prefix: string,
  clock: Pick<Clock, "steadyMs">,
): Promise<Result<number>> {
  const address = registryAddress(access)
  if (!address.ok) return address
  const ids = await currentIds(askAtStart(address.value, clock), address.value, namesWith(prefix))
  return ids.ok ? done(ids.value.size) : ids
}

const settingAtFault = ({ failure: problem }: { failure: ReturnType<typeof failure> }, url: string): Result<never> =>
  problem.says.includes(SETTINGS.registry)
    ? failed(problem)
    : failed({
        ...problem,
        says: `${SETTINGS.registry}: the schema registry at ${url} does not serve: ${problem.says}`,
      })

async function currentId(ask: AskRegistry, topic: FactTopic, names: Names): Promise<Result<number>> {
  const subject = schemaSubject(topic, names)
  const schema = currentSchemas.get(topic)
  const registered = await ask({ method: "POST", path: `/subjects/${encodeURIComponent(subject)}`, body: { schema } })
  if (!registered.ok) return registered
  const id = numberField(registered.value.body, "id")
  if (registered.value.status === 200 && id !== null) return rightLevel(ask, subject, id)
  if (registered.value.status !== 404) return strangeAnswer(`/subjects/${subject}`, registered.value)
  const says = `${SETTINGS.registry}: this version's schema of ${subject} is not registered. Run \`schemas register\`.`
  return failed(failure("registry/refused", says))
}

async function rightLevel(ask: AskRegistry, subject: string, id: number): Promise<Result<number>> {
  const level = await levelOf(ask, subject)
  if (!level.ok) return level
  if (level.value === COMPATIBILITY) return done(id)
  const says = `${SETTINGS.registry}: the compatibility of ${subject} is ${level.value ?? "not set"}, so that a version could be registered which nobody here can read. It must be ${COMPATIBILITY}: run \`schemas register\`.`
  return failed(failure("registry/refused", says))
}

/** Compatibility of one subject; null where it has none of its own. */
async function levelOf(ask: AskRegistry, subject: string): Promise<Result<string | null>> {
  const answer = await ask({ method: "GET", path: `/config/${encodeURIComponent(subject)}` })
  if (!answer.ok) return answer
  const level = textField(answer.value.body, "compatibilityLevel")
  if (answer.value.status === 404 || level !== null) return done(level)
  return strangeAnswer(`/config/${subject}`, answer.value)
}

export type RegisteredSchema = { readonly topic: FactTopic; readonly subject: string; readonly id: number }

/**
 * Registers this version's schemas, each under `<prefix><topic>-value`, compact, after its subject was set to
 * FULL_TRANSITIVE: a registry checks a version only against the level that is set at that moment. Registering again changes
 * nothing. Fails registry/incompatible (the schema breaks a registered version), registry/refused, registry/unreachable.
 */
export async function registerSchemas({
  registry,
  prefix = "oiio.",
}: {
  readonly registry: RegistryAccess
  readonly prefix?: string
}): Promise<Result<readonly RegisteredSchema[]>> {
  const address = registryAddress(registry)
  if (!address.ok) return address
  const ask = askRegistry(address.value, () => GIVEN_UP_AFTER_MS)
  const client = await registryClient(address.value)
  const registered: RegisteredSchema[] = []
  for (const topic of FACT_TOPICS) {
    const subject = schemaSubject(topic, namesWith(prefix))
    const level = await ensureLevel(ask, subject)
    if (!level.ok) return level
    const id = await register(client, subject, currentSchemas.get(topic) ?? "")
    if (!id.ok) return failed({ ...id.failure, says: address.value.redact(id.failure.says) })
    registered.push({ topic, subject, id: id.value })
  }
  return done(registered)
}

async function ensureLevel(ask: AskRegistry, subject: string): Promise<Result<void>> {
  const level = await levelOf(ask, subject)
  if (!level.ok) return level
  if (level.value === COMPATIBILITY) return done(undefined)
  const body = { compatibility: COMPATIBILITY }
  const put = await ask({ method: "PUT", path: `/config/${encodeURIComponent(subject)}`, body })
  if (!put.ok) return put
  if (put.value.status === 200) return done(undefined)
  const says = `${SETTINGS.registry}: the registry answers ${put.value.status} to ${COMPATIBILITY} for ${subject}.`
  return failed(failure("registry/refused", says))
}

/**
 * The package's client, which lacks a time limit of its own. Its `retry` option is never given: it would hold for the whole
 * process. Loaded here, since nothing but registering needs it.
 */
async function registryClient({ url, auth, ca }: RegistryAddress): Promise<SchemaRegistry> {
  const { SchemaRegistry } = await import("@kafkajs/confluent-schema-registry")
  return new SchemaRegistry({
    host: url,
    ...(auth === null ? {} : { auth }),
    ...(ca === null ? {} : { agent: new Agent({ ca }) }),
    middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: GIVEN_UP_AFTER_MS }) })],
  })
}

async function register(client: SchemaRegistry, subject: string, schema: string): Promise<Result<number>> {
  try {
    const { COMPATIBILITY: LEVELS, SchemaType } = await import("@kafkajs/confluent-schema-registry")
    const options = { subject, compatibility: LEVELS[COMPATIBILITY], updateConfig: false }
    return done((await client.register({ type: SchemaType.AVRO, schema }, options)).id)
  } catch (error) {
    return failed(classify(error, subject))
  }
}

/** The package throws a ResponseError for every status from 400 up, and one of status 400 for a lost network. */
function classify(error: unknown, subject: string): ReturnType<typeof failure> {
  if (!(error instanceof Error)) throw error
  const status = "status" in error ? Number(error.status) : null
  const says = `Registering the schema of ${subject}: ${error.message.replaceAll(/\s+/g, " ").slice(0, 300)}`
  if (status === 409) return failure("registry/incompatible", says)
  if (status === 400 || (status ?? 0) >= 500) return failure("registry/unreachable", says)
  if (status === null && error.name !== "ConfluentSchemaRegistryCompatibilityError") throw error
  return failure("registry/refused", says)
}
