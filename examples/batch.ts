// Keeps a table of what is current, from proxy-made in batches: what nobody can decode is put aside, a repeat or an older
// fact changes nothing, and offsets are committed when the rows are on disk. Killed at any instant, it goes on from there.
// In a project of your own: import { ... } from "oiio-proxy-generator-events".
//   KAFKA_BROKER=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 node examples/batch.ts
import { DatabaseSync } from "node:sqlite"
import { type EachBatchPayload, Kafka, type KafkaMessage, logLevel } from "kafkajs"
import { openFactReader, type ProxyMade, registrySchemas } from "../src/events/index.ts"

const {
  KAFKA_BROKER = "localhost:9092",
  SCHEMA_REGISTRY_URL = "http://localhost:8081/apis/ccompat/v7",
  GROUP = "my-loader",
  // Yours: whoever looks after your service looks there.
  DEAD_LETTERS = "my-loader.dead-letter",
  TABLE = "proxies.sqlite",
} = process.env

/** Records of one transaction: few enough that a heartbeat is never late, enough that a disk is not asked for each. */
const AT_ONCE = 500

const database = new DatabaseSync(TABLE)
database.exec(`CREATE TABLE IF NOT EXISTS proxies
  (bucket TEXT, key TEXT, proxy_key TEXT, made_at_ms INTEGER, fact_id TEXT, PRIMARY KEY (bucket, key))`)
// One row a source, and the newer fact wins: so a fact that comes again, soon or after years, writes what is there.
const upsert = database.prepare(`INSERT INTO proxies VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
  SET proxy_key = excluded.proxy_key, made_at_ms = excluded.made_at_ms, fact_id = excluded.fact_id
  WHERE excluded.made_at_ms > made_at_ms`)

function write(facts: readonly ProxyMade[]): void {
  database.exec("BEGIN IMMEDIATE")
  for (const { element, proxy, logicalTimeMs, recordedAtMs, factId } of facts)
    upsert.run(element.bucket, element.key, proxy.key, logicalTimeMs ?? recordedAtMs, factId)
  database.exec("COMMIT")
}

const reader = openFactReader(registrySchemas(SCHEMA_REGISTRY_URL))
const kafka = new Kafka({ brokers: KAFKA_BROKER.split(","), logLevel: logLevel.WARN })
const producer = kafka.producer()
const consumer = kafka.consumer({ groupId: GROUP })

/** Facts of these records, and the others with their places and why. Throws while the registry is away: nothing is lost. */
async function sorted({ topic, partition }: EachBatchPayload["batch"], messages: readonly KafkaMessage[]) {
  const facts: ProxyMade[] = []
  const foreign = []
  for (const { key, value, offset } of messages) {
    const read = await reader.read(topic, value)
    if (read.ok) {
      if (read.value.topic === "proxy-made") facts.push(read.value.value)
    } else if (read.failure.kind === "permanent") {
      foreign.push({ key, value, headers: { topic, partition: `${partition}`, offset, says: read.failure.says } })
    } else throw new Error(read.failure.says)
  }
  return { facts, foreign }
}

async function take({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, ...state }: EachBatchPayload) {
  for (let at = 0; at < batch.messages.length; at += AT_ONCE) {
    // The partition was given to somebody else, or we are to stop: who comes next starts behind what is committed.
    if (!state.isRunning() || state.isStale()) return
    const messages = batch.messages.slice(at, at + AT_ONCE)
    const { facts, foreign } = await sorted(batch, messages)
    if (foreign.length > 0) await producer.send({ topic: DEAD_LETTERS, messages: foreign })
    write(facts)
    // Only now: a crash before this line repeats these records, and a repeat changes nothing.
    resolveOffset(messages.at(-1)?.offset ?? "")
    await commitOffsetsIfNecessary(state.uncommittedOffsets())
    await heartbeat()
    process.stdout.write(`${batch.topic} ${batch.partition}: ${facts.length} rows, ${foreign.length} put aside\n`)
  }
}

await producer.connect()
await consumer.connect()
await consumer.subscribe({ topic: "oiio.proxy-made", fromBeginning: true })
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, async () => {
    await consumer.disconnect()
    await producer.disconnect()
    database.close()
  })
await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: take })
