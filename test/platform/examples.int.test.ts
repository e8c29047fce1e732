import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { EPOCH_MS, proxyMade } from "../../src/events/testing/facts.ts"
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
import { ensureTopic, quietKafka, withAdmin } from "../services/kafka-admin.ts"
import { readValues } from "../services/kafka-traffic.ts"
import { sharedServices } from "../services/shared.ts"

/** The prefix that the examples name, which is the default. */
const PREFIX = "oiio."
const TOPIC = `${PREFIX}proxy-made`
const KEYS = ["shots/ünï +/beauty.0001.exr", "shots/sh010/beauty.0002.exr"]

const DEAD_LETTERS = freshName("dead-letters")
const BATCH_LETTERS = freshName("dead-letters")

const exampleOf = (name: string): string => new URL(`../../examples/${name}`, import.meta.url).pathname

const ONCE = KEYS.map((key) => proxyMade({ key }))
const LATER = KEYS.map((key) => proxyMade({ key, elementId: `later ${key}` }, { logicalTimeMs: EPOCH_MS + 60_000 }))
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
  // As facts may come: one of them twice, then another under the same key, so that whoever has that one has read the repeat; and
  // the first once more, which is the older one by then.
  for (const facts of [ONCE, ONCE, LATER, ONCE]) unwrap(await log.append(facts))
  for (const topic of [DEAD_LETTERS, BATCH_LETTERS]) await ensureTopic(servers.kafka.broker, topic, 1)
})
afterAll(() => log.close())

/** On every partition, before all facts: whoever stops there reads none. */
async function sendForeign(): Promise<void> {
  const producer = quietKafka(servers.kafka.broker).producer()
  await producer.connect()
  const messages = [0, 1, 2].flatMap((partition) => FOREIGN.map((value) => ({ key: "foreign", value, partition })))
  await producer.send({ topic: TOPIC, messages })
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

it("a loader keeps the newest of each source, and commits what is on disk, as examples/batch.ts shows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "batch-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const TABLE = join(folder, "proxies.sqlite")
  const env = {
    KAFKA_BROKER: servers.kafka.broker,
    SCHEMA_REGISTRY_URL: servers.registry.url,
    DEAD_LETTERS: BATCH_LETTERS,
    GROUP: freshName("loader"),
    TABLE,
  }
  const loader = start([exampleOf("batch.ts")], { program: process.execPath, env })
  onTestFinished(() => loader.send("SIGKILL"))
  const committed = () => committedOf(env.GROUP)
  const ends = await withAdmin(env.KAFKA_BROKER, (admin) => admin.fetchTopicOffsets(TOPIC))
  await expect.poll(committed).toEqual(offsetsOf(ends))
  loader.send("SIGTERM")
  expect(await loader.ended).toMatchObject({ code: 0 })

  const put = await readValues(quietKafka(servers.kafka.broker), BATCH_LETTERS, 3 * FOREIGN.length)
  expect(put.toSorted()).toEqual([0, 1, 2].flatMap(() => FOREIGN.map((value) => value?.toString() ?? "")).toSorted())
  const table = new DatabaseSync(TABLE, { readOnly: true })
  const rows = table.prepare("SELECT fact_id FROM proxies ORDER BY fact_id").all()
  table.close()
  expect(rows.map(({ fact_id }) => fact_id)).toEqual(LATER.map(({ value }) => value.factId).toSorted())
})

const offsetsOf = (of: readonly { readonly partition: number; readonly offset: string }[]) =>
  Object.fromEntries(of.map(({ partition, offset }) => [partition, offset]))

async function committedOf(groupId: string): Promise<Readonly<Record<string, string>>> {
  const topics = await withAdmin(servers.kafka.broker, (admin) => admin.fetchOffsets({ groupId, topics: [TOPIC] }))
  return offsetsOf(topics.flatMap(({ partitions }) => partitions))
}

const KAFKA_PYTHON = { name: "read_topic.py", group: [] }
const CONFLUENT_KAFKA = { name: "read_confluent.py", group: [freshName("confluent")] }

it.each([KAFKA_PYTHON, CONFLUENT_KAFKA])(
  "the topic is read from elsewhere, as examples/$name shows",
  async (example) => {
    const packages = await installPythonClients()
    const { broker } = servers.kafka
    const args = [exampleOf(example.name), broker, servers.registry.url, TOPIC, ...example.group]
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
  },
)
