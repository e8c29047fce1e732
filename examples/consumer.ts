// Reads proxy-made with types. In a project of your own: import { ... } from "oiio-proxy-generator/events".
//   KAFKA_BROKER=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 node examples/consumer.ts
import { Kafka } from "kafkajs"
import { openFactReader, registrySchemas } from "../src/events/index.ts"

const {
  KAFKA_BROKER = "localhost:9092",
  SCHEMA_REGISTRY_URL = "http://localhost:8081/apis/ccompat/v7",
  GROUP = "my-service",
} = process.env

const reader = openFactReader(registrySchemas(SCHEMA_REGISTRY_URL))
const consumer = new Kafka({ brokers: KAFKA_BROKER.split(",") }).consumer({ groupId: GROUP })
await consumer.connect()
await consumer.subscribe({ topic: "oiio.proxy-made", fromBeginning: true })
await consumer.run({
  eachMessage: async ({ topic, message }) => {
    const read = await reader.read(topic, message.value)
    if (read.ok && read.value.topic === "proxy-made") process.stdout.write(`${read.value.value.proxy.key}\n`)
    else if (!read.ok) throw new Error(read.failure.says)
  },
})
