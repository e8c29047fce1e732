import { setTimeout as sleep } from "node:timers/promises"
import { type Admin, Kafka, logLevel } from "kafkajs"
import { freshName } from "../../../../test/services/fresh.ts"
import type { KafkaAddress } from "../../../../test/services/kafka.ts"
import type { RegistryAddress } from "../../../../test/services/registry.ts"
import { unwrap } from "../../../events/testing/results.ts"
import type { GroupTiming } from "../../../kafka/membership.ts"
import { createNetwork } from "../../../kafka/testing/network.ts"
import { systemClock } from "../../../system/clock.ts"
import type { EventLog } from "../../index.ts"
import type { Foreign, LogUnderTest } from "../../testing/harness.ts"
import { type KafkaLogOptions, openKafkaLog } from "../index.ts"
import { registerSchemas } from "../schemas.ts"
import { createLogTopics } from "../topics.ts"

/** As short as brokers allow. */
const QUICK: GroupTiming = { sessionTimeoutMs: 6_000, heartbeatMs: 500, fetchWaitMs: 100, commitEveryMs: 50 }

export type Servers = { readonly kafka: KafkaAddress; readonly registry: RegistryAddress }

export const optionsFor = ({ kafka, registry }: Servers, prefix: string): KafkaLogOptions => ({
  kafka: { brokers: [kafka.broker] },
  registry: { url: registry.url },
  prefix,
  timing: QUICK,
  clock: systemClock,
})

/** Topics and schemas of an installation of its own. */
export async function freshInstallation(servers: Servers, of: string, partitions: number): Promise<string> {
  const prefix = `${freshName(of)}.`
  const kafka = { brokers: [servers.kafka.broker] }
  unwrap(await createLogTopics({ kafka, prefix, partitions, replicationFactor: 1 }))
  unwrap(await registerSchemas({ registry: { url: servers.registry.url }, prefix }))
  return prefix
}

export async function openContractLog(servers: Servers): Promise<LogUnderTest> {
  const prefix = await freshInstallation(servers, "contract", 1)
  const logs: EventLog[] = []
  let network = createNetwork()
  const open = async (timing: Partial<GroupTiming> = QUICK): Promise<EventLog> => {
    const options = { ...optionsFor(servers, prefix), timing }
    const log = unwrap(await openKafkaLog({ ...options, kafka: { ...options.kafka, openSocket: network.openSocket } }))
    logs.push(log)
    return log
  }
  return {
    log: await open(),
    reopen: async () => {
      // What was acknowledged a moment ago reaches the broker within the commit interval; then the network is gone.
      await sleep(4 * QUICK.commitEveryMs)
      network.cut()
      network = createNetwork()
      return open()
    },
    elsewhere: () => open(),
    diesEarly: () => open({ ...QUICK, commitEveryMs: 3_600_000 }),
    appendForeign: (foreign) => sendForeign(servers.kafka, prefix, foreign),
    storeSchema: (topic, text) => storeSchema(servers, `${prefix}${topic}-value`, text),
    breakDown: async () => {
      const heal = network.cut()
      return async () => heal()
    },
    dispose: async () => {
      await Promise.all(logs.map((log) => log.close()))
    },
  }
}

export const quietClient = ({ broker }: KafkaAddress): Kafka =>
  new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 8 } })

export async function withAdmin<T>(kafka: KafkaAddress, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = quietClient(kafka).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

export async function sendForeign(kafka: KafkaAddress, prefix: string, { topic, key, value }: Foreign): Promise<void> {
  const producer = quietClient(kafka).producer()
  await producer.connect()
  const bytes = value === null ? null : Buffer.from(value)
  await producer.send({ topic: `${prefix}${topic}`, messages: [{ key, value: bytes }] })
  await producer.disconnect()
}

export async function storeSchema({ registry }: Servers, subject: string, schema: string): Promise<number> {
  const response = await fetch(`${registry.url}/subjects/${subject}/versions`, {
    method: "POST",
    body: JSON.stringify({ schema }),
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
  })
  const { id } = (await response.json()) as { readonly id?: number }
  if (id === undefined) throw new Error(`the registry answers ${response.status}`)
  return id
}
