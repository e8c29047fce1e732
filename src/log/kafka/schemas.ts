import { Agent } from "node:https"
import { COMPATIBILITY as LEVELS, SchemaRegistry, SchemaType } from "@kafkajs/confluent-schema-registry"
import { currentSchemas } from "../../events/codec.ts"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { FACT_TOPICS, type FactTopic } from "../../events/schemas.ts"
import { SETTINGS } from "../../kafka/index.ts"
import { COMPATIBILITY, levelOf, subjectOf } from "./registry.ts"
import {
  type Ask,
  askRegistry,
  GIVEN_UP_AFTER_MS,
  type RegistryAccess,
  type RegistryAddress,
  registryAddress,
} from "./registry-http.ts"
import { namesWith } from "./topic-names.ts"

export type RegisteredSchema = { readonly topic: FactTopic; readonly subject: string; readonly id: number }

/**
 * Registers this version's schemas, each under `<prefix><topic>-value`, compact, after its subject was set to
 * FULL_TRANSITIVE: a registry checks a version only against the level that stands before. Registering again changes
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
  const client = registryClient(address.value)
  const registered: RegisteredSchema[] = []
  for (const topic of FACT_TOPICS) {
    const subject = subjectOf(topic, namesWith(prefix))
    const level = await ensureLevel(ask, subject)
    if (!level.ok) return level
    const id = await register(client, subject, currentSchemas.get(topic) ?? "")
    if (!id.ok) return failed({ ...id.failure, says: address.value.redact(id.failure.says) })
    registered.push({ topic, subject, id: id.value })
  }
  return done(registered)
}

async function ensureLevel(ask: Ask, subject: string): Promise<Result<void>> {
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

/** The package's client, which lacks a time limit of its own. Its `retry` option is never given: it would hold for the whole process. */
const registryClient = ({ url, auth, ca }: RegistryAddress): SchemaRegistry =>
  new SchemaRegistry({
    host: url,
    ...(auth === null ? {} : { auth }),
    ...(ca === null ? {} : { agent: new Agent({ ca }) }),
    middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: GIVEN_UP_AFTER_MS }) })],
  })

async function register(client: SchemaRegistry, subject: string, schema: string): Promise<Result<number>> {
  try {
    const options = { subject, compatibility: LEVELS.FULL_TRANSITIVE, updateConfig: false }
    return done((await client.register({ type: SchemaType.AVRO, schema }, options)).id)
  } catch (error) {
    return failed(classify(error, subject))
  }
}

/** The package gives every answer from 400 up as a ResponseError; its 400 is also a lost network. */
function classify(error: unknown, subject: string): ReturnType<typeof failure> {
  if (!(error instanceof Error)) throw error
  const status = "status" in error ? Number(error.status) : null
  const says = `Registering the schema of ${subject}: ${error.message.replaceAll(/\s+/g, " ").slice(0, 300)}`
  if (status === 409) return failure("registry/incompatible", says)
  if (status === 400 || (status ?? 0) >= 500) return failure("registry/unreachable", says)
  if (status === null && error.name !== "ConfluentSchemaRegistryCompatibilityError") throw error
  return failure("registry/refused", says)
}
