import { encodeFact } from "../../events/codec.ts"
import type { Fact } from "../../events/fact.ts"
import { failure } from "../../events/failure.ts"
import { allOf, done, failed, type Result } from "../../events/result.ts"
import type { FactTopic } from "../../events/schemas.ts"
import { stickyAssigner } from "../../kafka/assigner.ts"
import { type Brokers, brokersAt, type KafkaAccess, type Observe } from "../../kafka/index.ts"
import { type GroupTiming, joinGroup, TIMING } from "../../kafka/membership.ts"
import { createAppender } from "../../kafka/producing.ts"
import { checkBrokers } from "../../kafka/topics.ts"
import type { Clock } from "../../system/clock.ts"
import type { DeadLetter, EventLog } from "../index.ts"
import type { EncodeFact } from "../storage.ts"
import { heldPlaces } from "./assigned-partitions.ts"
import { type Delivering, deliverFrom } from "./delivery.ts"
import { createPositions } from "./positions.ts"
import { createReader } from "./reading.ts"
import { type Outgoing, outgoing } from "./records.ts"
import { createSchemaCache, currentIds } from "./registry.ts"
import { type Ask, askAtStart, askRegistry, type RegistryAccess, registryAddress } from "./registry-http.ts"
import { readFrom } from "./replay.ts"
import { type Names, namesWith } from "./topic-names.ts"

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

/** What this log cannot promise, for people: printed with the contract suite, and by `doctor`. */
export const KAFKA_DEVIATIONS: readonly string[] = [
  "no fencing: a member that lost a partition without noticing may set its offset back once, so that records come again",
  "an offset moves after the facts, within the commit interval: a crash in between delivers again",
]

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
    checkBrokers(brokers, names, options.clock),
    currentIds(askAtStart(address.value, options.clock), address.value, names),
  ])
  if (!reached.ok) return reached
  return ids.ok ? done(logOn({ options, brokers, names, ask, ids: ids.value })) : ids
}

type Reached = {
  readonly options: KafkaLogOptions
  readonly brokers: Brokers
  readonly names: Names
  readonly ask: Ask
  /** Ids of the schemas that this version writes. */
  readonly ids: ReadonlyMap<FactTopic, number>
}

function logOn(reached: Reached): EventLog {
  const { options, brokers, names, ask } = reached
  const { clock } = options
  const timing = { ...TIMING, ...options.timing }
  const { append, close } = openAppend(reached)
  const positions = createPositions(brokers, names)
  const readable = createReader(createSchemaCache(ask, clock), clock, brokers.observe)
  const closing = new AbortController()
  const delivering: Delivering = {
    ...{ names, clock, timing, observe: brokers.observe, append, readable, sessions: new Set() },
    join: ({ group, topics }, hooks, lanes) =>
      joinGroup({
        ...{ brokers, clock, timing, hooks, groupId: names.group(group), topics: topics.map(names.topic) },
        assigners: [stickyAssigner(mostActiveOf(group, options), () => heldPlaces(lanes, names))],
      }),
  }
  return {
    append,
    deliver: (subscription) =>
      deliverFrom(delivering, { ...subscription, stop: AbortSignal.any([subscription.stop, closing.signal]) }),
    read: (topic, readOptions = {}) =>
      readFrom({ brokers, names, clock, timing, positions, readable, closing: closing.signal }, topic, readOptions),
    ends: positions.ends,
    lag: async (group) => {
      await Promise.all([...delivering.sessions].map((session) => session.flush()))
      return positions.lag(group)
    },
    close: async () => {
      closing.abort()
      await Promise.all([...delivering.sessions].map((session) => session.leave()))
      await close()
    },
  }
}

const mostActiveOf = (group: string, { standbyGroups = ["projector"] }: KafkaLogOptions): number =>
  standbyGroups.includes(group) ? 1 : Number.POSITIVE_INFINITY

type Append = { readonly append: EventLog["append"]; readonly close: () => Promise<void> }

function openAppend({ options, brokers, names, ids }: Reached): Append {
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

const tooLarge = ({ topic, message }: Outgoing, mostBytes: number): Result<never> => {
  const says = `A record of ${topic} has ${message.value?.length ?? 0} bytes, more than the ${mostBytes} allowed.`
  return failed(failure("log/too-large", says))
}
