import kafkajs from "kafkajs"
import { expect, it, onTestFinished, vi } from "vitest"
import { freshName } from "../../../test/services/fresh.ts"
import type { KafkaAddress } from "../../../test/services/kafka.ts"
import { sharedServices } from "../../../test/services/shared.ts"
import { elementFailed } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { TOPICS } from "../index.ts"
import { append, keysOf, readAll } from "../testing/harness.ts"
import { openKafkaLog } from "./index.ts"
import { freshInstallation, optionsFor, withAdmin } from "./testing/open.ts"
import { checkLogTopics, createLogTopics } from "./topics.ts"

async function installation() {
  const servers = await sharedServices("kafka", "registry")
  const prefix = `${freshName("topics")}.`
  return { servers, prefix, kafka: { brokers: [servers.kafka.broker] } }
}

const type = kafkajs.ConfigResourceTypes.TOPIC

/** Changes settings of a topic, and waits until the broker goes by them. */
const alter = (address: KafkaAddress, name: string, settings: Readonly<Record<string, string>>) =>
  withAdmin(address, async (admin) => {
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] })
    await vi.waitFor(async () => {
      const described = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] })
      const found = described.resources[0]?.configEntries.map(({ configName, configValue }) => [
        configName,
        configValue,
      ])
      expect(Object.fromEntries(found ?? [])).toMatchObject(settings)
    }, 180_000)
  })

it("creates what is missing, leaves what is there, and finds nothing wrong with its own", async () => {
  const { prefix, kafka } = await installation()
  const first = unwrap(await createLogTopics({ kafka, prefix, partitions: 3, replicationFactor: 1 }))
  expect(first.created).toEqual(TOPICS.map((topic) => `${prefix}${topic}`))
  const again = unwrap(await createLogTopics({ kafka, prefix, partitions: 5, replicationFactor: 1 }))
  expect(again).toEqual({ created: [], existing: first.created })
  const found = unwrap(await checkLogTopics({ kafka, prefix }))
  expect(found.filter(({ severity }) => severity === "loss")).toEqual([])
  expect(found.every(({ says }) => says.startsWith("one replica"))).toBe(true)
})

it("creates the topics of others with the brokers' own settings, once", async () => {
  const { servers, prefix, kafka } = await installation()
  const others = [`${prefix}theirs`, `${prefix}theirs`]
  const made = unwrap(await createLogTopics({ kafka, prefix, others, partitions: 2, replicationFactor: 1 }))
  expect(made.created.filter((topic) => topic === `${prefix}theirs`)).toHaveLength(1)
  const settings = await withAdmin(servers.kafka, async (admin) => {
    const described = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: `${prefix}theirs`, configNames: ["retention.ms", "message.timestamp.type"] }],
    })
    return described.resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])
  })
  expect(Object.fromEntries(settings ?? [])).toEqual({
    "retention.ms": "604800000",
    "message.timestamp.type": "CreateTime",
  })
})

it.each([
  ["is deleted after a time", { "retention.ms": "604800000" }],
  ["is limited in size", { "retention.ms": "-1", "retention.bytes": "1000000" }],
  ["is compacted", { "retention.ms": "-1", "cleanup.policy": "compact" }],
] as const)("fails on a result topic that %s", async (_, settings) => {
  const { servers, prefix, kafka } = await installation()
  unwrap(await createLogTopics({ kafka, prefix, partitions: 1, replicationFactor: 1 }))
  await alter(servers.kafka, `${prefix}proxy-made`, settings)
  const lost = unwrap(await checkLogTopics({ kafka, prefix })).filter(({ severity }) => severity === "loss")
  expect(lost.map(({ topic }) => topic)).toEqual([`${prefix}proxy-made`])
})

it("fails on topics that are not there", async () => {
  const { prefix, kafka } = await installation()
  const found = unwrap(await checkLogTopics({ kafka, prefix }))
  expect(found.map(({ topic, severity }) => [topic, severity])).toEqual(
    TOPICS.map((topic) => [`${prefix}${topic}`, "loss"]),
  )
})

it("gives an unreachable broker back as a value", async () => {
  const kafka = { brokers: ["127.0.0.1:9"] }
  expect(failureOf(await checkLogTopics({ kafka }))).toMatchObject({ code: "log/unreachable" })
  expect(failureOf(await createLogTopics({ kafka }))).toMatchObject({ code: "log/unreachable" })
})

it("gets along with a broker whose batches must be smaller, and says when a record alone is too large", async () => {
  const { servers } = await installation()
  const prefix = await freshInstallation(servers, "small", 1)
  await alter(servers.kafka, `${prefix}element-failed`, { "max.message.bytes": "20000" })
  const log = unwrap(await openKafkaLog(optionsFor(servers, prefix)))
  onTestFinished(() => log.close())
  const facts = Array.from({ length: 100 }, (_, index) => elementFailed({ key: `${index}.exr` }))
  await append(log, ...facts)
  expect(keysOf(await readAll(log, "element-failed"))).toEqual(facts.map(({ value }) => value.element.key))
  const large = elementFailed({}, { says: "x".repeat(30_000) })
  expect(failureOf(await log.append([large]))).toMatchObject({ code: "log/too-large", kind: "permanent" })
  // A record that is refused takes nobody else's with it.
  const [refused, taken] = await Promise.all([log.append([large]), log.append([elementFailed({ key: "last.exr" })])])
  expect([refused.ok, taken.ok]).toEqual([false, true])
})
