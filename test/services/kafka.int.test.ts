import { Kafka, logLevel, type SASLOptions } from "kafkajs"
import { beforeAll, describe, expect, it } from "vitest"
import { freshName, freshTopic } from "./fresh.ts"
import { type Services, startServices } from "./index.ts"
import type { KafkaAddress, SecureKafka } from "./kafka.ts"
import { quietKafka, withAdmin } from "./kafka-admin.ts"
import { readValues, sendValues } from "./kafka-traffic.ts"
import { sharedServices } from "./shared.ts"

const secureClient = (secure: SecureKafka, sasl: SASLOptions): Kafka =>
  new Kafka({
    brokers: [secure.broker],
    logLevel: logLevel.NOTHING,
    ssl: { ca: [secure.ca] },
    sasl,
    retry: { retries: 3 },
  })

describe("Kafka, shared by the test run", () => {
  let kafka: KafkaAddress

  beforeAll(async () => {
    kafka = (await sharedServices("kafka")).kafka
  })

  it("gives back what was sent, in the order of the key", async () => {
    const topic = await freshTopic(kafka, "order", 3)
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`)
    await sendValues(quietKafka(kafka.broker), topic, values)
    expect(await readValues(quietKafka(kafka.broker), topic, values.length)).toEqual(values)
  })

  it("makes a topic with the partitions that were asked for", async () => {
    const topic = await freshTopic(kafka, "partitions", 5)
    const found = await withAdmin(kafka.broker, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    expect(found.topics[0]?.partitions).toHaveLength(5)
  })

  it("makes no topic by itself", async () => {
    const topic = freshName("missing")
    await expect(sendValues(quietKafka(kafka.broker, 1), topic, ["x"])).rejects.toThrow(/topic-partition/)
    expect(await withAdmin(kafka.broker, (admin) => admin.listTopics())).not.toContain(topic)
  })

  it.each(["plain", "scram-sha-256", "scram-sha-512"] as const)(
    "takes %s with a password over TLS",
    async (mechanism) => {
      const { username, password } = kafka.secure
      const client = secureClient(kafka.secure, { mechanism, username, password } as SASLOptions)
      const topic = await freshTopic(kafka, mechanism)
      await sendValues(client, topic, [`by ${mechanism}`])
      expect(await readValues(client, topic, 1)).toEqual([`by ${mechanism}`])
    },
  )

  it("refuses a wrong password", async () => {
    const sasl: SASLOptions = { mechanism: "scram-sha-512", username: kafka.secure.username, password: "wrong" }
    const admin = secureClient(kafka.secure, sasl).admin()
    await expect(admin.connect()).rejects.toMatchObject({ name: "KafkaJSSASLAuthenticationError" })
  })

  it("is not trusted by a client that does not know its authority", async () => {
    const { broker, username, password } = kafka.secure
    const sasl: SASLOptions = { mechanism: "plain", username, password }
    const stranger = new Kafka({
      brokers: [broker],
      logLevel: logLevel.NOTHING,
      ssl: true,
      sasl,
      retry: { retries: 0 },
    })
    await expect(stranger.admin().connect()).rejects.toThrow(/certificate/)
  })
})

describe("A Kafka that is killed", () => {
  let services: Services<{ kafka: true }>

  beforeAll(async () => {
    services = await startServices({ kafka: true })
    return services.close
  })

  it("is another cluster than the shared one", async () => {
    expect(services.kafka.address.clusterId).not.toBe((await sharedServices("kafka")).kafka.clusterId)
  })

  it("keeps acknowledged records, its address and its users", async () => {
    const { kafka } = services
    const topic = await freshTopic(kafka.address, "kept")
    await sendValues(quietKafka(kafka.address.broker), topic, ["before the kill"])
    const killed = kafka.pid()
    await kafka.kill("SIGKILL")
    expect(kafka.isRunning()).toBe(false)
    await kafka.restart()
    expect(kafka.pid()).not.toBe(killed)
    await sendValues(quietKafka(kafka.address.broker), topic, ["after the kill"])
    const { username, password } = kafka.address.secure
    const client = secureClient(kafka.address.secure, { mechanism: "scram-sha-256", username, password })
    expect(await readValues(client, topic, 2)).toEqual(["before the kill", "after the kill"])
  })
})
