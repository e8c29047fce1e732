import { expect, it } from "vitest"
import { freshName, freshTopic } from "../../test/services/fresh.ts"
import { quietKafka } from "../../test/services/kafka-admin.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { createNetwork } from "../kafka/testing/network.ts"
import { systemClock } from "../system/clock.ts"
import { notificationsContract, type Received } from "./contract.ts"
import { openKafkaNotifications } from "./kafka.ts"

type Seen = Received & { readonly headers: number }

/** The first messages of both topics, read as SpaceHarbor would. */
async function readBoth(broker: string, topics: Record<Received["channel"], string>, count: number): Promise<Seen[]> {
  const consumer = quietKafka(broker).consumer({ groupId: freshName("reader"), maxWaitTimeInMs: 100 })
  const seen: Seen[] = []
  await consumer.connect()
  await consumer.subscribe({ topics: Object.values(topics), fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer.on("consumer.crash", ({ payload }) => (payload.restart ? undefined : reject(payload.error)))
    const eachMessage = async ({ topic, message: { key, value, headers } }: EachMessage): Promise<void> => {
      const channel = topic === topics.proxy ? "proxy" : "completion"
      const parsed = JSON.parse(value?.toString() ?? "") as unknown
      seen.push({ channel, key: key?.toString() ?? "", value: parsed, headers: Object.keys(headers ?? {}).length })
      if (seen.length >= count) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return seen
}

type EachMessage = {
  readonly topic: string
  readonly message: { readonly key: Buffer | null; readonly value: Buffer | null; readonly headers?: object }
}

notificationsContract(
  "Kafka",
  async () => {
    const { kafka } = await sharedServices("kafka")
    const topics = { proxy: await freshTopic(kafka, "proxy"), completion: await freshTopic(kafka, "completion") }
    const network = createNetwork()
    const access = { brokers: [kafka.broker], openSocket: network.openSocket }
    const opened = await openKafkaNotifications({ kafka: access, topics, clock: systemClock })
    if (!opened.ok) throw new Error(opened.failure.says)
    return {
      notifications: opened.value,
      received: async (count) => {
        const seen = await readBoth(kafka.broker, topics, count)
        expect(seen.every(({ headers }) => headers === 0)).toBe(true)
        return seen
      },
      breakDown: async () => {
        const heal = network.cut()
        return async () => heal()
      },
      dispose: () => opened.value.close(),
    }
  },
  { keys: "keys" },
)

it("a topic that is not there fails the start, and names its setting", async () => {
  const { kafka } = await sharedServices("kafka")
  const topics = { proxy: await freshTopic(kafka, "proxy"), completion: freshName("nowhere") }
  const opened = await openKafkaNotifications({ kafka: { brokers: [kafka.broker] }, topics, clock: systemClock })
  expect(opened).toMatchObject({ ok: false, failure: { code: "notify/refused" } })
  expect(opened.ok ? "" : opened.failure.says).toMatch(/^KAFKA_COMPLETION_TOPIC: /)
})
