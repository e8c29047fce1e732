import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { proxyMade } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { EventLog } from "../../src/log/index.ts"
import { openKafkaLog } from "../../src/log/kafka/index.ts"
import { registerSchemas } from "../../src/log/kafka/schemas.ts"
import { createLogTopics } from "../../src/log/kafka/topics.ts"
import { systemClock } from "../../src/system/clock.ts"

import { start } from "../machine/process.ts"
import { freshName } from "../services/fresh.ts"
import type { Addresses } from "../services/index.ts"
import { installPythonClients } from "../services/install/python-clients.ts"
import { ensureTopic, quietKafka } from "../services/kafka-admin.ts"
import { readValues } from "../services/kafka-traffic.ts"
import { sharedServices } from "../services/shared.ts"

/** The prefix that the examples name, which is the default. */
const PREFIX = "oiio."
const KEYS = ["shots/ünï +/beauty.0001.exr", "shots/sh010/beauty.0002.exr"]

const DEAD_LETTERS = freshName("dead-letters")

const exampleOf = (name: string): string => new URL(`../../examples/${name}`, import.meta.url).pathname

const ONCE = KEYS.map((key) => proxyMade({ key }))
const LATER = KEYS.map((key) => proxyMade({ key, elementId: `later ${key}` }))
const FACTS = [...ONCE, ...LATER]

/** What anybody can write on a topic: another format, a tombstone, a schema that nobody registered, bytes that fit no schema. */
const FOREIGN = [Buffer.from("{not a fact}"), null, Buffer.from([0, 0x7f, 0, 0, 1, 9]), Buffer.from([0, 0, 0])]

let servers: Pick<Addresses, "kafka" | "registry">
let log: EventLog

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry")
  const kafka = { brokers: [servers.kafka.broker] }
  const registry = { url: servers.registry.url }
  unwrap(await createLogTopics({ kafka, prefix: PREFIX, partitions: 3, replicationFactor: 1 }))
  unwrap(await registerSchemas({ registry, prefix: PREFIX }))
  log = unwrap(await openKafkaLog({ kafka, registry, prefix: PREFIX, clock: systemClock }))
  await sendForeign()
  // As facts may come: one of them twice, and then another under the same key, so that whoever has that one has read the repeat.
  for (const facts of [ONCE, ONCE, LATER]) unwrap(await log.append(facts))
  await ensureTopic(servers.kafka.broker, DEAD_LETTERS, 1)
})
afterAll(() => log.close())

/** On every partition, before all facts: whoever stops there reads none. */
async function sendForeign(): Promise<void> {
  const producer = quietKafka(servers.kafka.broker).producer()
  await producer.connect()
  const messages = [0, 1, 2].flatMap((partition) => FOREIGN.map((value) => ({ key: "foreign", value, partition })))
  await producer.send({ topic: `${PREFIX}proxy-made`, messages })
  await producer.disconnect()
}

it("a consumer of another team reads the topic with types, as examples/consumer.ts shows", async () => {
  const { KAFKA_BROKER, SCHEMA_REGISTRY_URL } = {
    KAFKA_BROKER: servers.kafka.broker,
    SCHEMA_REGISTRY_URL: servers.registry.url,
  }
  const consumer = start([exampleOf("consumer.ts")], {
    program: process.execPath,
    env: { KAFKA_BROKER, SCHEMA_REGISTRY_URL, DEAD_LETTERS, GROUP: freshName("example") },
  })
  onTestFinished(() => consumer.send("SIGKILL"))
  await consumer.says(/(_proxy\.mp4\n[\s\S]*){4}/)
  const put = await readValues(quietKafka(KAFKA_BROKER), DEAD_LETTERS, 3 * FOREIGN.length)
  expect(put.toSorted()).toEqual([0, 1, 2].flatMap(() => FOREIGN.map((value) => value?.toString() ?? "")).toSorted())
  consumer.send("SIGKILL")
  const { stdout } = await consumer.ended
  expect(stdout.trim().split("\n").toSorted()).toEqual(FACTS.map(({ value }) => value.proxy.key).toSorted())
})

it("the topic is read from elsewhere, as examples/read_topic.py shows", async () => {
  const packages = await installPythonClients()
  const { broker } = servers.kafka
  const args = [exampleOf("read_topic.py"), broker, servers.registry.url, `${PREFIX}proxy-made`]
  const { stdout, stderr } = await promisify(execFile)("python3", args, {
    env: { ...process.env, PYTHONPATH: packages },
  })
  const facts = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly key: string; readonly factId: string })
  expect(stderr.trim().split("\n")).toHaveLength(3 * FOREIGN.length)
  expect(facts.map(({ key }) => key).toSorted()).toEqual([...KEYS, ...KEYS].toSorted())
  expect(facts.map(({ factId }) => factId).toSorted()).toEqual(FACTS.map(({ value }) => value.factId).toSorted())
})
