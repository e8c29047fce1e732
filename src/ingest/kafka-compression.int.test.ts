import { zstdCompressSync } from "node:zlib"
import kafkajs from "kafkajs"
import { expect, it, onTestFinished } from "vitest"
import { freshName, freshTopic } from "../../test/services/fresh.ts"
import { quietKafka } from "../../test/services/kafka-admin.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { unwrap } from "../events/testing/results.ts"
import { elementOf } from "../events/testing/sequence-facts.ts"
import { readAllCompressions } from "../kafka/compression/index.ts"
import { openMemoryLog } from "../log/memory.ts"
import { readAll } from "../log/testing/harness.ts"
import { systemClock } from "../system/clock.ts"
import { openKafkaIntake } from "./kafka.ts"
import { sourceOf } from "./testing/messages.ts"

const { CompressionCodecs, CompressionTypes } = kafkajs

/** Snappy of one literal: what its specification calls a valid, if lazy, compression. */
function snappyLiteral(plain: Buffer): Buffer {
  const length = [(plain.length & 0x7f) | 0x80, plain.length >> 7]
  return Buffer.concat([Buffer.from([...length, 61 << 2, (plain.length - 1) & 255, (plain.length - 1) >> 8]), plain])
}

/** 80 MB of one byte: some kilobytes on the wire, and more than a reader takes. */
const BOMB = Buffer.alloc(80 * 2 ** 20)

it("an intake reads topics that others compress, and the plain one beside them", async () => {
  const { kafka } = await sharedServices("kafka")
  const packings = {
    ZSTD: zstdCompressSync,
    Snappy: snappyLiteral,
    None: null,
  } as const
  const topics: string[] = []
  for (const [name, pack] of Object.entries(packings)) {
    const topic = await freshTopic(kafka, `packed-${name.toLowerCase()}`, 1)
    topics.push(topic)
    const compression = CompressionTypes[name as keyof typeof packings]
    if (pack !== null && compression !== CompressionTypes.None)
      CompressionCodecs[compression] = () => ({ compress: async ({ buffer }: { buffer: Buffer }) => pack(buffer) })
    const producer = quietKafka(kafka.broker).producer()
    await producer.connect()
    const messages = [1, 2].map((number) => ({
      value: JSON.stringify({ s3_bucket: "b", s3_key: `${name}.${number}.exr` }),
    }))
    await producer.send({ topic, compression, messages })
    await producer.disconnect()
  }
  readAllCompressions()
  const log = openMemoryLog({ clock: systemClock })
  const stop = new AbortController()
  const intake = unwrap(
    await openKafkaIntake({
      kafka: { brokers: [kafka.broker] },
      groupId: freshName("ingest"),
      sources: new Map(topics.map((topic) => [topic, sourceOf("vast")])),
      append: log.append,
      clock: systemClock,
      timing: { sessionTimeoutMs: 6_000, heartbeatMs: 500, fetchWaitMs: 100 },
      observe: () => undefined,
      observeKafka: () => undefined,
    }),
  )
  const running = intake.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
  })
  // More than is read, in the middle of a topic: one dead letter, and what comes after it is read, beside the others.
  const [packed = ""] = topics
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
  })
  const bomber = quietKafka(kafka.broker).producer()
  await bomber.connect()
  for (const value of [BOMB, JSON.stringify({ s3_bucket: "b", s3_key: "after-the-bomb.exr" })])
    await bomber.send({ topic: packed, compression: CompressionTypes.ZSTD, messages: [{ value }] })
  await bomber.disconnect()
  readAllCompressions()
  const keys = async () =>
    (await readAll(log, "element-created")).flatMap(({ content }) =>
      "fact" in content ? [elementOf(content.fact).key] : [],
    )
  await expect.poll(async () => (await keys()).length, { timeout: 180_000, interval: 50 }).toBe(7)
  expect((await keys()).sort()).toEqual(
    [...["None", "Snappy", "ZSTD"].flatMap((name) => [`${name}.1.exr`, `${name}.2.exr`]), "after-the-bomb.exr"].sort(),
  )
  const letters = (await readAll(log, "dead-letter")).flatMap(({ content }) =>
    "deadLetter" in content ? [content.deadLetter] : [],
  )
  expect(letters).toMatchObject([
    {
      at: { topic: packed, partition: 0, offset: 2 },
      says: expect.stringMatching(/^A batch of 1 record \(offsets 2 to 2\) cannot be decompressed \(ZSTD: more than/),
    },
  ])
})
