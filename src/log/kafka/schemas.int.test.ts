import { SchemaRegistry } from "@kafkajs/confluent-schema-registry"
import { expect, it, onTestFinished } from "vitest"
import { freshName } from "../../../test/services/fresh.ts"
import { sharedServices } from "../../../test/services/shared.ts"
import { currentSchemas } from "../../events/codec.ts"
import { FACT_TOPICS } from "../../events/schemas.ts"
import { proxyMade } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { append } from "../testing/harness.ts"
import { openKafkaLog } from "./index.ts"
import { registerSchemas } from "./schemas.ts"
import { freshInstallation, optionsFor, quietClient, storeSchema } from "./testing/open.ts"

const fresh = async () => ({
  registry: (await sharedServices("registry")).registry,
  prefix: `${freshName("schemas")}.`,
})

const levelOf = async (url: string, subject: string): Promise<unknown> =>
  ((await (await fetch(`${url}/config/${subject}`)).json()) as { readonly compatibilityLevel?: string })
    .compatibilityLevel

it("registers every topic's schema under its subject, which is FULL_TRANSITIVE", async () => {
  const { registry, prefix } = await fresh()
  const registered = unwrap(await registerSchemas({ registry, prefix }))
  expect(registered.map(({ subject }) => subject)).toEqual(FACT_TOPICS.map((topic) => `${prefix}${topic}-value`))
  for (const { subject } of registered) expect(await levelOf(registry.url, subject)).toBe("FULL_TRANSITIVE")
})

it("changes nothing when it registers again", async () => {
  const { registry, prefix } = await fresh()
  const first = unwrap(await registerSchemas({ registry, prefix }))
  expect(unwrap(await registerSchemas({ registry, prefix }))).toEqual(first)
  const versions = await fetch(`${registry.url}/subjects/${prefix}proxy-made-value/versions`)
  expect(await versions.json()).toEqual([1])
})

it("fails where a subject holds a schema that ours breaks, and says which", async () => {
  const { registry, prefix } = await fresh()
  const subject = `${prefix}thumbnail-made-value`
  const schema = JSON.parse(currentSchemas.get("thumbnail-made") ?? "")
  schema.fields.push({ name: "mustBeThere", type: "string" })
  const servers = await sharedServices("kafka", "registry")
  await storeSchema(servers, subject, JSON.stringify(schema))
  const found = failureOf(await registerSchemas({ registry, prefix }))
  expect(found).toMatchObject({ code: "registry/incompatible", says: expect.stringContaining(subject) })
})

it("writes what the registry's own client reads", async () => {
  const servers = await sharedServices("kafka", "registry")
  const prefix = await freshInstallation(servers, "reads", 1)
  const log = unwrap(await openKafkaLog(optionsFor(servers, prefix)))
  onTestFinished(() => log.close())
  await append(log, proxyMade({ key: "shots/a.exr" }))
  const consumer = quietClient(servers.kafka).consumer({ groupId: `${prefix}other`, maxWaitTimeInMs: 100 })
  const client = new SchemaRegistry({ host: servers.registry.url })
  const decoded = Promise.withResolvers<unknown>()
  await consumer.connect()
  onTestFinished(() => consumer.disconnect())
  await consumer.subscribe({ topic: `${prefix}proxy-made`, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => decoded.resolve(await client.decode(message.value ?? Buffer.alloc(0))),
  })
  expect(await decoded.promise).toEqual(proxyMade({ key: "shots/a.exr" }).value)
})
