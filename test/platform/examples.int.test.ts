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
import { sharedServices } from "../services/shared.ts"

/** The prefix that the examples name, which is the default. */
const PREFIX = "oiio."
const KEYS = ["shots/ünï +/beauty.0001.exr", "shots/sh010/beauty.0002.exr"]

const exampleOf = (name: string): string => new URL(`../../examples/${name}`, import.meta.url).pathname

let servers: Pick<Addresses, "kafka" | "registry">
let log: EventLog

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry")
  const kafka = { brokers: [servers.kafka.broker] }
  const registry = { url: servers.registry.url }
  unwrap(await createLogTopics({ kafka, prefix: PREFIX, partitions: 3, replicationFactor: 1 }))
  unwrap(await registerSchemas({ registry, prefix: PREFIX }))
  log = unwrap(await openKafkaLog({ kafka, registry, prefix: PREFIX, clock: systemClock }))
  unwrap(await log.append(KEYS.map((key) => proxyMade({ key }))))
})
afterAll(() => log.close())

it("a consumer of another team reads the topic with types, as examples/consumer.ts shows", async () => {
  const { KAFKA_BROKER, SCHEMA_REGISTRY_URL } = {
    KAFKA_BROKER: servers.kafka.broker,
    SCHEMA_REGISTRY_URL: servers.registry.url,
  }
  const consumer = start([exampleOf("consumer.ts")], {
    program: process.execPath,
    env: { KAFKA_BROKER, SCHEMA_REGISTRY_URL, GROUP: freshName("example") },
  })
  onTestFinished(() => consumer.send("SIGKILL"))
  const proxies = KEYS.map((key) => proxyMade({ key }).value.proxy.key)
  for (const key of proxies) await consumer.says(key)
})

it("the topic is read from elsewhere, as examples/read_topic.py shows", async () => {
  const packages = await installPythonClients()
  const { broker } = servers.kafka
  const args = [exampleOf("read_topic.py"), broker, servers.registry.url, `${PREFIX}proxy-made`]
  const { stdout } = await promisify(execFile)("python3", args, { env: { ...process.env, PYTHONPATH: packages } })
  const facts = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly key: string; readonly factId: string })
  expect(facts.map(({ key }) => key).toSorted()).toEqual(KEYS.toSorted())
  expect(new Set(facts.map(({ factId }) => factId))).toEqual(
    new Set(KEYS.map((key) => proxyMade({ key }).value.factId)),
  )
})
