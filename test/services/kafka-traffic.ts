import type { Kafka } from "kafkajs"
import { randomSecret } from "./keep.ts"

/** Sends the values, all with one key. */
export const sendValues = async (kafka: Kafka, topic: string, values: readonly string[]): Promise<void> => {
  const producer = kafka.producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages: values.map((value) => ({ key: "key", value })) })
  } finally {
    await producer.disconnect()
  }
}

/** The first values of a topic that satisfy the condition, read by a group of their own from the start. */
export const readValues = async (
  kafka: Kafka,
  topic: string,
  count: number,
  isWanted: (value: string) => boolean = () => true,
): Promise<readonly string[]> => {
  const consumer = kafka.consumer({ groupId: `read-${randomSecret(8)}`, maxWaitTimeInMs: 100 })
  const values: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on("consumer.crash", ({ payload }) => (payload.restart ? undefined : reject(payload.error)))
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        const value = message.value?.toString() ?? ""
        if (values.length < count && isWanted(value)) values.push(value)
        if (values.length === count) resolve()
      }
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return values
}
