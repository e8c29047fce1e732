import { zstdCompressSync } from "node:zlib"
import kafkajs, { type Admin } from "kafkajs"
import { expect, it, onTestFinished, vi } from "vitest"
import { withAdmin } from "../../../test/services/kafka-admin.ts"
import { sharedServices } from "../../../test/services/shared.ts"
import { currentSchemas } from "../../events/codec.ts"
import { FACT_TOPICS, type FactTopic } from "../../events/schemas.ts"
import { elementCreated, elementFailed, factBytes, proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { readAllCompressions } from "../../kafka/compression/index.ts"
import { append, keyOf, lagOf } from "../testing/harness.ts"
import { openKafkaLog } from "./index.ts"
import { HOSTILE_VALUES } from "./testing/hostile-values.ts"
import { freshInstallation, optionsFor, quietClient, type Servers, sendForeign, storeSchema } from "./testing/open.ts"
import { startWorker } from "./testing/workers.ts"

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes } = kafkajs

const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 180_000, interval: 50 })

async function installation(partitions = 1) {
  const servers: Servers = await sharedServices("kafka", "registry")
  const prefix = await freshInstallation(servers, "foreign", partitions)
  const options = optionsFor(servers, prefix)
  const log = unwrap(await openKafkaLog(options))
  onTestFinished(() => log.close())
  return { servers, prefix, options, log }
}

it.each(FACT_TOPICS)("gives hostile bytes in %s back with their coordinates, and the group goes on", async (topic) => {
  const { servers, prefix, log } = await installation()
  for (const value of HOSTILE_VALUES) await sendForeign(servers.kafka, prefix, { topic, key: null, value })
  await sendForeign(servers.kafka, prefix, { topic, key: null, value: Buffer.from("last") })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const found: unknown[] = []
  for await (const each of log.deliver({ group: "g", topics: [topic], credits: 50, stop: stop.signal })) {
    const delivery = unwrap(each)
    if (!("undecodable" in delivery.content)) throw new Error("it was decoded")
    const { failure, bytes } = delivery.content.undecodable
    found.push([delivery.at.offset, failure.code, bytes?.length ?? null])
    unwrap(await delivery.acknowledge())
    if (found.length === HOSTILE_VALUES.length + 1) break
  }
  const sizes = [...HOSTILE_VALUES, Buffer.from("last")].map((value) => value?.length ?? null)
  expect(found).toEqual(sizes.map((size, offset) => [offset, "log/undecodable", size]))
  await eventually(async () => expect(await lagOf(log, "g")).toBe(0))
})

it("gives no stage a record that another producer wrote with an incompatible schema", async () => {
  const { servers, prefix, log } = await installation()
  const schema = JSON.parse(currentSchemas.get("element-created") ?? "")
  const renamed = schema.fields.map((field: { name: string }) =>
    field.name === "element" ? { ...field, name: "thing" } : field,
  )
  const incompatible = JSON.stringify({ ...schema, fields: renamed })
  // Under a subject of the other producer's own: ours refuses it.
  await expect(storeSchema(servers, `${prefix}element-created-value`, incompatible)).rejects.toThrow("409")
  const id = await storeSchema(servers, `${prefix}others-value`, incompatible)
  await sendForeign(servers.kafka, prefix, {
    topic: "element-created",
    key: "k",
    value: factBytes(elementCreated(), id),
  })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  for await (const each of log.deliver({ group: "g", topics: ["element-created"], credits: 1, stop: stop.signal })) {
    const { content } = unwrap(each)
    expect(content).toMatchObject({
      undecodable: { failure: { code: "log/undecodable", says: expect.stringContaining(`Schema ${id}`) } },
    })
    break
  }
})

it("gives no stage a fact of another topic", async () => {
  const { servers, prefix, log } = await installation()
  const id = await idOf(servers, prefix, "proxy-made")
  await sendForeign(servers.kafka, prefix, { topic: "element-failed", key: "k", value: factBytes(proxyMade(), id) })
  await append(log, elementFailed())
  const contents: string[] = []
  for await (const record of log.read("element-failed")) contents.push(...Object.keys(unwrap(record).content))
  expect(contents).toEqual(["undecodable", "fact"])
})

it("passes over what a transaction left behind, so that nothing stays undone", async () => {
  const { servers, prefix, options, log } = await installation()
  await append(log, elementCreated({ key: "a.exr" }))
  const producer = quietClient(servers.kafka).producer({
    transactionalId: prefix,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  for (const isKept of [true, false]) {
    const transaction = await producer.transaction()
    const value = factBytes(elementCreated({ key: `${isKept}.exr` }), await idOf(servers, prefix, "element-created"))
    await transaction.send({ topic: `${prefix}element-created`, messages: [{ key: "k", value }] })
    await (isKept ? transaction.commit() : transaction.abort())
  }
  await producer.disconnect()
  const worker = await startWorker(options)
  await eventually(() => expect(worker.finished).toEqual(["a.exr", "true.exr"]))
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  const read: string[] = []
  for await (const record of log.read("element-created")) read.push(keyOf(unwrap(record)))
  expect(read).toEqual(["a.exr", "true.exr"])
})

it("appends far more than one request may hold, in order", async () => {
  const { log } = await installation()
  const many = Array.from({ length: 4_000 }, (_, attempt) => elementCreated({ key: "one.exr", attempt }))
  await append(log, ...many)
  const attempts: number[] = []
  for await (const record of log.read("element-created")) {
    const { content } = unwrap(record)
    if ("fact" in content) attempts.push(elementOf(content.fact).attempt)
  }
  expect(attempts).toEqual(many.map((_, attempt) => attempt))
})

async function idOf({ registry }: Servers, prefix: string, topic: FactTopic): Promise<number> {
  const response = await fetch(`${registry.url}/subjects/${prefix}${topic}-value/versions/latest`)
  return ((await response.json()) as { readonly id: number }).id
}

const keepsCompression = (admin: Admin, name: string) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      { type: ConfigResourceTypes.TOPIC, name, configEntries: [{ name: "compression.type", value: "producer" }] },
    ],
  })

it("reads facts of another producer that compresses with zstd, and passes a batch that is too large", async () => {
  const { servers, prefix, log } = await installation()
  const id = await storeSchema(servers, `${prefix}element-created-value`, currentSchemas.get("element-created") ?? "")
  // Ours are kept as they are read; in a topic that somebody else made, batches stay as their producer packed them.
  await withAdmin(servers.kafka.broker, (admin) => keepsCompression(admin, `${prefix}element-created`))
  const producer = quietClient(servers.kafka).producer()
  await producer.connect()
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
  })
  const fact = (key: string) => ({ key, value: Buffer.from(factBytes(elementCreated({ key }), id)) })
  const bomb = { key: "bomb", value: Buffer.alloc(80 * 2 ** 20) }
  for (const messages of [[fact("a.exr"), fact("b.exr")], [bomb], [fact("c.exr")]])
    await producer.send({ topic: `${prefix}element-created`, compression: CompressionTypes.ZSTD, messages })
  readAllCompressions()
  await producer.disconnect()
  await append(log, elementCreated({ key: "plain.exr" }))
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const found: unknown[] = []
  for await (const each of log.deliver({ group: "g", topics: ["element-created"], credits: 9, stop: stop.signal })) {
    const delivery = unwrap(each)
    found.push("undecodable" in delivery.content ? delivery.content.undecodable.failure.says : keyOf(delivery))
    unwrap(await delivery.acknowledge())
    if (found.length === 5) break
  }
  expect(found).toEqual([
    "a.exr",
    "b.exr",
    expect.stringContaining("cannot be decompressed (ZSTD: more than"),
    "c.exr",
    "plain.exr",
  ])
  await eventually(async () => expect(await lagOf(log, "g")).toBe(0))
})
