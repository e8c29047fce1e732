import { type Admin, Kafka, logLevel } from "kafkajs"
import { unwrap } from "../../src/events/testing/results.ts"
import { brokersAt, restIdleConnections } from "../../src/kafka/index.ts"
import { createTopics } from "../../src/kafka/topics.ts"

const CLIENT_TIMEOUT_MS = 10_000

/**
 * A client for the tests' own errands that prints nothing. `retries` 0 fails at once, which only a probe wants: the first
 * group of a new broker finds no coordinator for a moment, and kafkajs takes an exhausted retry there as final.
 */
export const quietKafka = (broker: string, retries = 8): Kafka => {
  restIdleConnections()
  return new Kafka({
    brokers: [broker],
    clientId: "oiio-services",
    logLevel: logLevel.NOTHING,
    connectionTimeout: CLIENT_TIMEOUT_MS,
    requestTimeout: CLIENT_TIMEOUT_MS,
    retry: { retries },
  })
}

/** Does the work with an admin client that is closed afterwards. */
export const withAdmin = async <T>(
  broker: string,
  work: (admin: Admin) => Promise<T>,
  retries?: number,
): Promise<T> => {
  const admin = quietKafka(broker, retries).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Creates the topic unless it is there, and waits until it can be used. */
export const ensureTopic = async (broker: string, topic: string, partitions = 1): Promise<void> => {
  const brokers = brokersAt({ brokers: [broker] }, () => undefined)
  unwrap(await createTopics(brokers, [{ name: topic, settings: {} }], { partitions, replicationFactor: 1 }))
}
