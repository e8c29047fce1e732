import { createHash } from "node:crypto"
import { afterAll, beforeAll, expect, it } from "vitest"
import { FACT_TOPICS } from "../../src/events/schemas.ts"
import { HOSTILE_VALUES } from "../../src/log/kafka/testing/hostile-values.ts"
import { GROUPS } from "../../topology/groups.ts"
import { eventually } from "../machine/eventually.ts"
import { freshTopic } from "../services/fresh.ts"
import type { Addresses } from "../services/index.ts"
import { quietKafka } from "../services/kafka-admin.ts"
import { NOTIFICATION_TOPIC } from "../services/s3.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { putFrame } from "./uploads.ts"

let servers: Addresses
let deployment: Deployment
let intake: string

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  intake = await freshTopic(servers.kafka, "arrivals")
  const topics = [intake, NOTIFICATION_TOPIC].map((topic) => `${topic}:versitygw`).join(",")
  deployment = await deploy(servers, { of: "hostile", partitions: 1, env: { OIIO_INTAKE_TOPICS: topics } })
})
afterAll(() => deployment.s3.destroy())

async function sendAll(topics: readonly string[]): Promise<void> {
  const producer = quietKafka(servers.kafka.broker).producer()
  await producer.connect()
  for (const topic of topics)
    for (const value of HOSTILE_VALUES) await producer.send({ topic, messages: [{ key: null, value }] })
  await producer.disconnect()
}

type Letter = {
  readonly at: { readonly topic: string; readonly partition: number; readonly offset: number }
  readonly says: string
  readonly lengthBytes: number
  readonly sha256: string
  readonly head: string
}

/** The letters of one topic by offset; every group that read the record has written one. */
async function lettersOf(topic: string): Promise<readonly Letter[]> {
  const records = await deployment.asks<{ readonly deadLetter?: Letter }>("events dead-letter --json")
  const letters = records.flatMap(({ deadLetter }) => (deadLetter?.at.topic === topic ? [deadLetter] : []))
  return [...new Map(letters.map((letter) => [letter.at.offset, letter])).values()].toSorted(
    (a, b) => a.at.offset - b.at.offset,
  )
}

const expectedLetters = (topic: string): readonly Letter[] =>
  HOSTILE_VALUES.map((value, offset) => {
    const bytes = value ?? Buffer.alloc(0)
    return {
      at: { topic, partition: 0, offset },
      says: expect.stringMatching(/\w.*\.$/s) as unknown as string,
      lengthBytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      head: bytes.subarray(0, 4096).toString("base64"),
    }
  })

const consumed = [...new Set(Object.values(GROUPS).flatMap(({ consumes }) => consumes))]
const named = (topic: string): string => `${deployment.env.KAFKA_TOPIC_PREFIX}${topic}`

it("buries what nobody can read, from every topic that a group takes, and every group goes on", async () => {
  await sendAll([...consumed.map(named), intake])
  const processes = await Promise.all(["worker", "projector", "ingest --serve"].map((role) => deployment.starts(role)))
  const key = "shots/after.0001.exr"
  await putFrame(deployment, key, "window")
  await eventually("a frame goes through", async () => (await deployment.rows()).length === 1, 180_000)
  await deployment.settles()
  for (const topic of [...consumed, intake]) expect(await lettersOf(topic)).toMatchObject(expectedLetters(topic))
  for (const process of processes) expect(await process.stops()).toMatchObject({ code: 0 })
}, 400_000)

it("shows what nobody can read in a topic that no group takes, and what comes behind it", async () => {
  const others = [...FACT_TOPICS, "dead-letter" as const].filter((topic) => !consumed.some((one) => one === topic))
  await sendAll(others.map(named))
  for (const topic of others) {
    const records = await deployment.asks<{ readonly undecodable?: string }>(`events ${topic} --json`)
    const strange = records.filter(({ undecodable }) => undecodable !== undefined)
    expect([topic, strange.length]).toEqual([topic, HOSTILE_VALUES.length])
  }
})
