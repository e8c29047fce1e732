import { quietKafka, withAdmin } from "../services/kafka-admin.ts"
import { randomSecret } from "../services/keep.ts"

/** Every value of a topic as it lies there, from the start to what is its end now. */
export async function rawValues(broker: string, topic: string): Promise<readonly (Buffer | null)[]> {
  const ends = await withAdmin(broker, (admin) => admin.fetchTopicOffsets(topic))
  const open = new Map(ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, high]))
  const values: (Buffer | null)[] = []
  if (open.size === 0) return values
  const consumer = quietKafka(broker).consumer({ groupId: `raw-${randomSecret(8)}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({
      partition,
      message,
    }: {
      partition: number
      message: { value: Buffer | null; offset: string }
    }) => {
      if (!open.has(partition)) return
      values.push(message.value)
      if (Number(message.offset) + 1 >= Number(open.get(partition))) open.delete(partition)
      if (open.size === 0) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return values
}
