// Reads proxy-made with types: what nobody can decode is put aside and does not stop it, and what comes again is dropped.
// In a project of your own: import { ... } from "oiio-proxy-generator-events".
//   KAFKA_BROKER=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 node examples/consumer.ts
import { Kafka, logLevel } from "kafkajs"
import { openFactReader, registrySchemas } from "../src/events/index.ts"

const {
  KAFKA_BROKER = "localhost:9092",
  SCHEMA_REGISTRY_URL = "http://localhost:8081/apis/ccompat/v7",
  GROUP = "my-service",
  // Yours: whoever looks after your service looks there.
  DEAD_LETTERS = "my-service.dead-letter",
} = process.env

/** Facts come at least once; a repeat comes soon after, so the last ones are enough to know it by. */
const REMEMBERED = 100_000
const taken = new Set<string>()
const isRepeat = (factId: string): boolean => {
  if (taken.has(factId)) return true
  taken.add(factId)
  const [oldest = ""] = taken
  if (taken.size > REMEMBERED) taken.delete(oldest)
  return false
}

const reader = openFactReader(registrySchemas(SCHEMA_REGISTRY_URL))
const kafka = new Kafka({ brokers: KAFKA_BROKER.split(","), logLevel: logLevel.WARN })
const producer = kafka.producer()
const consumer = kafka.consumer({ groupId: GROUP })
await producer.connect()
await consumer.connect()
await consumer.subscribe({ topic: "oiio.proxy-made", fromBeginning: true })
await consumer.run({
  eachMessage: async ({ topic, partition, message }) => {
    const read = await reader.read(topic, message.value)
    if (read.ok) {
      const { value: fact } = read
      if (fact.topic === "proxy-made" && !isRepeat(fact.value.factId)) process.stdout.write(`${fact.value.proxy.key}\n`)
      return
    }
    // The registry is away, say: throwing keeps the offset where it is, and kafkajs comes back to this record.
    if (read.failure.kind !== "permanent") throw new Error(read.failure.says)
    // Bytes of somebody else, or a tombstone. The record's place and the reason go along; the offset moves on.
    const headers = { topic, partition: `${partition}`, offset: message.offset, says: read.failure.says }
    await producer.send({ topic: DEAD_LETTERS, messages: [{ key: message.key, value: message.value, headers }] })
  },
})
