/** The log on Kafka, with the schema registry that its records need. */

import { encodeFact } from "../../events/codec.ts"
import type { Fact } from "../../events/fact.ts"
import { allOf, done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import type { FactTopic } from "../../events/schemas.ts"
import { stickyAssigner } from "../../kafka/assigner.ts"
import { SETTINGS, settingAtFault } from "../../kafka/failures.ts"
import { type Brokers, brokersAt, type KafkaAccess, type Observe } from "../../kafka/index.ts"
import { type GroupTiming, joinGroup, TIMING } from "../../kafka/membership.ts"
import { type GroupPositions, type GroupTopics, groupPositions } from "../../kafka/positions.ts"
import { createAppender } from "../../kafka/producing.ts"
import type { OutgoingRecord } from "../../kafka/records.ts"
import { missingTopicsAtStart, type Names, namesWith } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import { type DeadLetter, type EventLog, TOPICS, type Topic } from "../index.ts"
import type { EncodeFact } from "../storage.ts"
import { assignmentOf } from "./assigned-partitions.ts"
import { type DeliveryPorts, deliverFrom, deliverPagesFrom } from "./delivery.ts"
import { createPositions } from "./positions.ts"
import { type ConsumedMessage, createReader, outgoing, storedMessage } from "./records.ts"
import {
  type AskRegistry,
  askAtStart,
  askRegistry,
  createSchemaCache,
  type RegistryAccess,
  registryAddress,
} from "./registry.ts"
import { readFrom } from "./replay.ts"
import { currentIds } from "./schemas.ts"

export type KafkaLogOptions = {
  readonly kafka: KafkaAccess
  readonly registry: RegistryAccess
  /** In front of every topic, group and subject. Default `oiio.`. */
  readonly prefix?: string
  /** Largest value, bytes. Default 126 KB: what the VAST Event Broker takes. */
  readonly maxValueBytes?: number
  /** Groups of which one member works while the others stand by. Default: the projector's. */
  readonly standbyGroups?: readonly string[]
  readonly timing?: Partial<GroupTiming>
  readonly clock: Clock
  readonly observe?: Observe
}

/**
 * The log on Kafka, its schemas in a registry. Topics and schemas must be there (`topics create`, `schemas register`).
 * Fails within 15 s, naming the setting: log/unreachable, log/refused, registry/unreachable, registry/refused.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Result<EventLog>> {
  const observe = options.observe ?? (() => undefined)
  const names = namesWith(options.prefix ?? "oiio.")
  const brokers = brokersAt(options.kafka, observe)
  const address = registryAddress(options.registry)
  if (!address.ok) return address
  const ask = askRegistry(address.value)
  const [reached, ids] = await Promise.all([
    checkTopicsAtStart(brokers, names, options.clock),
    currentIds(askAtStart(address.value, options.clock), address.value, names),
  ])
  if (!reached.ok) return reached
  return ids.ok ? done(logOn({ options, brokers, names, ask, ids: ids.value })) : ids
}

/** Whether the brokers answer, take us, and have every topic. Fails log/unreachable, log/refused, naming the setting. */
async function checkTopicsAtStart(brokers: Brokers, names: Names, clock: Clock): Promise<Result<void>> {
  const missing = await missingTopicsAtStart(brokers, TOPICS.map(names.topic), clock)
  if (!missing.ok) return failed(atFault(missing.failure, brokers))
  if (missing.value.length === 0) return done(undefined)
  const says = `${SETTINGS.prefix}: the brokers at ${brokers.address} have no topic ${missing.value.join(", ")}. Run \`topics create\`.`
  return failed(failure("log/refused", says))
}

function atFault(problem: Failure, { address }: Brokers): Failure {
  const reason = problem.says.replace(`${SETTINGS.brokers}: `, "")
  return { ...problem, says: `${settingAtFault(reason)}: the Kafka brokers at ${address} cannot be used: ${reason}.` }
}

type ConnectedServers = {
  readonly options: KafkaLogOptions
  readonly brokers: Brokers
  readonly names: Names
  readonly ask: AskRegistry
  /** Ids of the schemas that this version writes. */
  readonly ids: ReadonlyMap<FactTopic, number>
}

function logOn(servers: ConnectedServers): EventLog {
  const { options, brokers, names, ask } = servers
  const { clock } = options
  const timing = { ...TIMING, ...options.timing }
  const { append, close } = openAppend(servers)
  const positions = createPositions(brokers, names)
  const readMessage = createReader(createSchemaCache(ask, clock), clock, brokers.observe)
  const closing = new AbortController()
  const ports: DeliveryPorts = {
    ...{ names, clock, timing, observe: brokers.observe, append, readMessage, sessions: new Set() },
    join: ({ group, topics }, hooks, partitions) =>
      joinGroup({
        ...{ brokers, clock, timing, hooks, groupId: names.group(group), topics: topics.map(names.topic) },
        assigners: [stickyAssigner(mostActiveOf(group, options), () => assignmentOf(partitions, names))],
      }),
  }
  return {
    append,
    deliver: (subscription) =>
      deliverFrom(ports, { ...subscription, stop: AbortSignal.any([subscription.stop, closing.signal]) }),
    deliverPages: (subscription) =>
      deliverPagesFrom(ports, { ...subscription, stop: AbortSignal.any([subscription.stop, closing.signal]) }),
    read: (topics, readOptions = {}) =>
      readFrom(
        { brokers, names, clock, timing, positions, readMessage, closing: closing.signal },
        [topics].flat() as Topic[],
        readOptions,
      ),
    ends: positions.ends,
    lag: async (group) => {
      await Promise.all([...ports.sessions].map((session) => session.flush()))
      return positions.lag(group)
    },
    close: async () => {
      closing.abort()
      await Promise.all([...ports.sessions].map((session) => session.leave()))
      await close()
    },
  }
}

const mostActiveOf = (group: string, { standbyGroups = ["projector"] }: KafkaLogOptions): number =>
  standbyGroups.includes(group) ? 1 : Number.POSITIVE_INFINITY

type LogAppender = { readonly append: EventLog["append"]; readonly close: () => Promise<void> }

function openAppend({ options, brokers, names, ids }: ConnectedServers): LogAppender {
  const appender = createAppender(brokers)
  const mostBytes = options.maxValueBytes ?? 126 * 1024
  const encode: EncodeFact = (fact) => encodeFact(fact, ids.get(fact.topic) ?? -1)
  return {
    append: async (records: readonly (Fact | DeadLetter)[]) => {
      const all = allOf(records.map((record) => outgoing(record, encode, names)))
      if (!all.ok) return all
      const large = all.value.find(({ message }) => (message.value?.length ?? 0) > mostBytes)
      return large === undefined ? appender.append(all.value) : tooLarge(large, mostBytes)
    },
    close: appender.close,
  }
}

const tooLarge = ({ topic, message }: OutgoingRecord, mostBytes: number): Result<never> => {
  const says = `A record of ${topic} has ${message.value?.length ?? 0} bytes, more than the ${mostBytes} allowed.`
  return failed(failure("log/too-large", says))
}

/** What the brokers alone can tell, without a schema registry: positions, and records with key, time and headers. */
export type UndecodedLog = Pick<EventLog, "read" | "ends" | "lag" | "close"> & {
  groups(groups: readonly GroupTopics[]): Promise<Result<readonly GroupPositions[]>>
  /** Host and port of the brokers, for sentences. */
  readonly address: string
}

const NOT_LOOKED_AT = failed(failure("log/undecodable", "The value was not looked at: no schema registry was asked."))

/** Connects only when something is asked, so that nothing fails here; each answer may be log/unreachable or log/refused. */
export function openUndecodedLog(options: {
  readonly kafka: KafkaAccess
  readonly prefix: string
  readonly clock: Clock
  readonly observe: Observe
}): UndecodedLog {
  const names = namesWith(options.prefix)
  const brokers = brokersAt(options.kafka, options.observe)
  const positions = createPositions(brokers, names)
  const closing = new AbortController()
  const { clock } = options
  const readMessage = async (consumed: ConsumedMessage) => storedMessage(consumed, () => NOT_LOOKED_AT)
  return {
    address: brokers.address,
    groups: (groups) =>
      brokers.administer("Asking for the positions of the groups", (admin) => groupPositions(admin, groups)),
    ends: positions.ends,
    lag: positions.lag,
    read: (topics, readOptions = {}) =>
      readFrom(
        { brokers, names, clock, timing: TIMING, positions, readMessage, closing: closing.signal },
        [topics].flat() as Topic[],
        readOptions,
      ),
    close: async () => closing.abort(),
  }
}
