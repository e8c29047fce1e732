import { PROJECTOR_GROUPS } from "../../topology/groups.ts"
import type { Policy } from "../../topology/ports.ts"
import type { Config } from "../config/index.ts"
import { done, type Failure, type Result } from "../events/result.ts"
import { knownOutputsFromLog, openMemoryKnownOutputs } from "../known-outputs/memory.ts"
import type { EventLog } from "../log/index.ts"
import type { Notifications } from "../notify/index.ts"
import type { PictureEngine, Scratch } from "../picture/index.ts"
import { openHeaderInspector } from "../picture/inspect/inspector.ts"
import { type LookBytes, openLookBytes } from "../picture/looks/look.ts"
import { openMetadataWriter } from "../picture/metadata-file/write.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import {
  flowPorts,
  framePorts,
  headerLimitsOf,
  openPicture,
  sequencesOf,
  type ToolSurroundings,
  temporaryFiles,
} from "./machine.ts"
import { neededBuckets, platformOutputs } from "./outputs-elsewhere.ts"
import type { Access, AdapterSurroundings, OpenedRoles, Records, Role, RoleSurroundings } from "./roles.ts"
import { kafkaAccess, registryAccess, s3Connection, trinoOptions } from "./server-access.ts"

/** The log on Kafka. Fails as {@link openKafkaLog}, and config/invalid. */
export async function openPlatformLog(
  config: Config,
  { clock, observeKafka: observe }: AdapterSurroundings,
): Promise<Result<EventLog>> {
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
export async function openPlatformStore(config: Config, clock: Clock): Promise<Result<ObjectStore>> {
  const connection = s3Connection(config)
  if (!connection.ok) return connection
  const outputs = platformOutputs(config)
  if (!outputs.ok) return outputs
  const { openS3Store } = await import("../store/s3.ts")
  return openS3Store({ ...connection.value, buckets: neededBuckets(config, outputs.value), clock })
}

/** The tables behind Trino; `ensured`: created where they are not there. */
export async function openPlatformTable(config: Config, clock: Clock, ensured = false): Promise<Result<Table>> {
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
async function openPlatformNotifications(
  config: Config,
  { clock, observeKafka: observe }: AdapterSurroundings,
): Promise<Result<Notifications>> {
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  const { openKafkaNotifications } = await import("../notify/kafka.ts")
  const topics = { proxy: config.kafkaTopic, completion: config.kafkaCompletionTopic }
  return openKafkaNotifications({ kafka: kafka.value, topics, clock, observe, jobsOnly: config.spaceharbor })
}

/** Log and tables, for commands that look or append. */
export async function openPlatformRecords(
  config: Config,
  { mode }: Access,
  surroundings: AdapterSurroundings,
): Promise<Result<Records>> {
  const parts = await Promise.all([
    openPlatformLog(config, surroundings),
    openPlatformTable(config, surroundings.clock, mode === "own"),
  ])
  const close = closing(parts)
  const [log, table] = parts
  if (log.ok && table.ok) return done({ log: log.value, table: table.value, close })
  await close()
  return log.ok ? (table as Extract<typeof table, { ok: false }>) : log
}

/** Closes what was opened. */
const closing = (parts: readonly Result<object | null>[]) => async (): Promise<void> => {
  const opened = parts.flatMap((part) => (part.ok && part.value !== null ? [part.value] : []))
  await Promise.all(opened.map((part) => ("close" in part ? (part as Closing).close() : undefined)))
}

type Closing = { close(): Promise<void> }

/** Opens what the roles need, all at once; what was opened is closed when one of them fails. */
export async function openPlatformRoles(
  config: Config,
  roles: readonly Role[],
  surroundings: RoleSurroundings,
): Promise<Result<OpenedRoles>> {
  const { clock, env } = surroundings
  const has = (...wanted: readonly Role[]): boolean => wanted.some((role) => roles.includes(role))
  const unwanted = Promise.resolve(done(null))
  const [scratch, heldLooks] = [temporaryFiles(config), openLookBytes()]
  const parts = await Promise.all([
    openPlatformLog(config, surroundings),
    has("worker", "ingest") ? openPlatformStore(config, clock) : unwanted,
    has("projector", "ingest") ? openPlatformTable(config, clock, has("projector")) : unwanted,
    has("projector") ? openPlatformNotifications(config, surroundings) : unwanted,
    has("worker", "ingest") ? openPicture({ config }, { env }, { scratch, heldLooks }) : unwanted,
  ])
  const close = closing(parts)
  const [log, store, table, notifications, picture] = parts
  if (!log.ok || !store.ok || !table.ok || !notifications.ok || !picture.ok) {
    await close()
    return worstOf(parts)
  }
  const opened: Parts = {
    log: log.value,
    clock,
    store: store.value,
    table: table.value,
    notifications: notifications.value,
    picture: picture.value,
    scratch,
    heldLooks,
    env,
  }
  return done({ ...(await rolesOver(opened, config, roles)), close })
}

/**
 * Whether a server is out of reach, which may pass while it starts. Refused credentials and certificates are an outage,
 * too, once the work goes on; at the start they are a wrong setting, as a tool that is missing is.
 */
export const isServerAway = ({ code }: Failure): boolean => code.endsWith("/unreachable")

/** What is wrong with a setting comes before what may pass by itself. */
function worstOf(parts: readonly Result<unknown>[]): Result<never> {
  const failures = parts.flatMap((part) => (part.ok ? [] : [part]))
  const worst = failures.find(({ failure }) => !isServerAway(failure)) ?? failures[0]
  if (worst === undefined) throw new Error("platform: nothing failed")
  return worst
}

type Parts = {
  readonly log: EventLog
  readonly clock: Clock
  readonly store: ObjectStore | null
  readonly table: Table | null
  readonly notifications: Notifications | null
  readonly picture: PictureEngine | null
  readonly scratch: () => Promise<Scratch>
  readonly heldLooks: LookBytes
} & ToolSurroundings

async function rolesOver(
  { log, clock, store, table, notifications, picture, scratch, heldLooks, env }: Parts,
  config: Config,
  roles: readonly Role[],
): Promise<Omit<OpenedRoles, "close">> {
  const flow = flowPorts(config, { log, clock })
  // A wrong setting has ended the opening of the store; without one nothing is put anywhere.
  const base = platformOutputs(config)
  const outputs = base.ok ? base.value : null
  const frames =
    store === null || picture === null
      ? null
      : await framePorts(config, { log, clock, store, picture, heldLooks, outputs })
  const { known: knownOutputs, follow } = knownOutputsFromLog({ log, clock, known: openMemoryKnownOutputs() })
  const headers = openHeaderInspector(headerLimitsOf(config))
  const metadata = openMetadataWriter(headerLimitsOf(config))
  return {
    log,
    worker:
      frames === null || !roles.includes("worker")
        ? null
        : {
            ports: { ...frames, headers, metadata, scratch: await scratch(), knownOutputs },
            sequences: sequencesOf(config, frames.picture, { env }),
            backfill: backfillPolicy(flow.policy, config.backfillRendersInFlight),
            followOutputs: follow,
          },
    projector:
      table === null || notifications === null
        ? null
        : { ports: { ...flow, table, notifications }, rowsPerMerge: ROWS_PER_MERGE },
    ingest: frames === null || table === null || !roles.includes("ingest") ? null : { ports: { ...frames, table } },
  }
}

/**
 * A merge on a server takes about as long for 2,000 small rows, which fit into one statement, as for ten; and of a backlog's
 * facts half are arrivals, which are rows of the other table.
 */
const ROWS_PER_MERGE = 4_000

/** Places of its own, few of them: today's frames never wait for one, and the machine is hardly busier. */
const backfillPolicy = (policy: Policy, rendersInFlight: number): Policy | null =>
  rendersInFlight === 0
    ? null
    : {
        ...policy,
        rendersInFlight,
        sourcesHeld: 2 * rendersInFlight,
        credits: Math.max(8, 4 * rendersInFlight),
      }
