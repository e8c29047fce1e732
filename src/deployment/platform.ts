import { PROJECTOR_GROUPS } from "../../topology/groups.ts"
import type { Config } from "../config/index.ts"
import { done, type Result } from "../events/result.ts"
import type { Observe } from "../kafka/index.ts"
import type { EventLog } from "../log/index.ts"
import type { Notifications } from "../notify/index.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import { neededBuckets, platformOutputs } from "./outputs-elsewhere.ts"
import { kafkaAccess, registryAccess, s3Connection, trinoOptions } from "./server-access.ts"

/** Each adapter is loaded with its client when it is opened: a command pays for what it uses. */

/** What adapters of the stream deployment are opened with. */
export type Opening = { readonly config: Config; readonly clock: Clock; readonly observe: Observe }

/** The log on Kafka. Fails as {@link openKafkaLog}, and config/invalid. */
export async function openPlatformLog({ config, clock, observe }: Opening): Promise<Result<EventLog>> {
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  const registry = registryAccess(config)
  if (!registry.ok) return registry
  const { openKafkaLog } = await import("../log/kafka/index.ts")
  return openKafkaLog({
    kafka: kafka.value,
    registry: registry.value,
    prefix: config.kafkaTopicPrefix,
    maxValueBytes: config.kafkaMaxValueBytes,
    standbyGroups: PROJECTOR_GROUPS.map(({ group }) => group),
    clock,
    observe,
  })
}

/** The frames in S3. */
export async function openPlatformStore({ config, clock }: Opening): Promise<Result<ObjectStore>> {
  const connection = s3Connection(config)
  if (!connection.ok) return connection
  const outputs = platformOutputs(config)
  if (!outputs.ok) return outputs
  const { openS3Store } = await import("../store/s3.ts")
  return openS3Store({ ...connection.value, buckets: neededBuckets(config, outputs.value), clock })
}

/** The tables behind Trino; `ensured`: created where they are not there. */
export async function openPlatformTable({ config, clock }: Opening, ensured: boolean): Promise<Result<Table>> {
  const options = trinoOptions(config)
  if (!options.ok) return options
  const { openTrinoTable } = await import("../table/trino.ts")
  const table = await openTrinoTable({ ...options.value, clock })
  if (!table.ok || !ensured) return table
  const there = await table.value.ensure()
  if (there.ok) return table
  await table.value.close()
  return there
}

/** The topics of those who want to know. */
export async function openPlatformNotifications({ config, clock, observe }: Opening): Promise<Result<Notifications>> {
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  const { openKafkaNotifications } = await import("../notify/kafka.ts")
  const topics = { proxy: config.kafkaTopic, completion: config.kafkaCompletionTopic }
  return openKafkaNotifications({ kafka: kafka.value, topics, clock, observe })
}

/** Log and tables, for commands that look or append. */
export async function openPlatformRecords(
  opening: Opening,
  ensured: boolean,
): Promise<Result<{ readonly log: EventLog; readonly table: Table; readonly close: () => Promise<void> }>> {
  const [log, table] = await Promise.all([openPlatformLog(opening), openPlatformTable(opening, ensured)])
  const close = async (): Promise<void> => {
    if (log.ok) await log.value.close()
    if (table.ok) await table.value.close()
  }
  if (log.ok && table.ok) return done({ log: log.value, table: table.value, close })
  await close()
  return log.ok ? (table as Extract<typeof table, { ok: false }>) : log
}
