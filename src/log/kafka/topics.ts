import { done, type Result } from "../../events/result.ts"
import { brokersAt, type KafkaAccess, type Observe } from "../../kafka/index.ts"
import { type CreatedTopics, createTopics, namesWith, type TopicState, topicStates } from "../../kafka/topics.ts"
import { RESULT_TOPICS, TOPICS, type Topic } from "../index.ts"

export type TopicOptions = {
  readonly kafka: KafkaAccess
  /** Default `oiio.`. */
  readonly prefix?: string
  readonly observe?: Observe
}

/** Retention of topics that hold no results: longer than the workers are ever expected to stand still. */
const RETENTION_MS = 30 * 86_400_000

/**
 * Settings of a topic. Results are kept for ever and never compacted, since replaying them rebuilds the tables. Times
 * are the broker's own, so that no producer's clock decides what is old; and what comes compressed is stored plain,
 * since the VAST Event Broker takes no compression, and older versions of this client read only two of the five codecs.
 */
export const topicSettings = (topic: Topic): Readonly<Record<string, string>> => ({
  "cleanup.policy": "delete",
  "retention.ms": RESULT_TOPICS.includes(topic) ? "-1" : String(RETENTION_MS),
  "retention.bytes": "-1",
  "message.timestamp.type": "LogAppendTime",
  "compression.type": "uncompressed",
})

/** Creates the log's topics that are not there; one that is there stays as it is: `checkLogTopics` tells whether it will do. */
export async function createLogTopics(
  options: TopicOptions & {
    /** How many workers can share a topic, at most. Raising it later moves keys to other partitions. Default 12. */
    readonly partitions?: number
    /** Default: what the brokers are set to. */
    readonly replicationFactor?: number
    /** Topics that others own, by their whole names; made with the brokers' own settings. */
    readonly others?: readonly string[]
  },
): Promise<Result<CreatedTopics>> {
  const { kafka, prefix = "oiio.", observe = () => undefined, partitions = 12, replicationFactor = -1 } = options
  const names = namesWith(prefix)
  const own = TOPICS.map((topic) => ({ name: names.topic(topic), settings: topicSettings(topic) }))
  const others = [...new Set(options.others ?? [])].map((name) => ({ name, settings: {} }))
  return createTopics(brokersAt(kafka, observe), [...own, ...others], { partitions, replicationFactor })
}

/** Holds the log's topics on the brokers against what the design needs. An empty list: all is well. */
export async function checkLogTopics(options: TopicOptions): Promise<Result<readonly TopicFinding[]>> {
  const { kafka, prefix = "oiio.", observe = () => undefined } = options
  const states = await topicStates(brokersAt(kafka, observe), TOPICS.map(namesWith(prefix).topic), CHECKED_SETTINGS)
  if (!states.ok) return states
  return done(states.value.flatMap((state, index) => topicFindings(TOPICS[index] as Topic, state)))
}

/** What is wrong with a topic. `loss`: records that must stay could go, or nothing can be written; `warning`: worth knowing. */
export type TopicFinding = { readonly topic: string; readonly severity: "loss" | "warning"; readonly says: string }

type Rule = {
  readonly setting: string
  readonly isBroken: (value: string, replicas: number) => boolean
  readonly severity: TopicFinding["severity"]
  readonly says: string
}

/** A retention below ours; -1 is for ever. */
const isShorter = (value: string): boolean => Number(value) >= 0 && Number(value) < RETENTION_MS

const RESULT_RULES: readonly Rule[] = [
  {
    setting: "cleanup.policy",
    isBroken: (value) => value.includes("compact"),
    severity: "loss",
    says: "it is compacted: facts that share a key replace each other, and a replay misses them",
  },
  {
    setting: "retention.ms",
    isBroken: (value) => value !== "-1",
    severity: "loss",
    says: "old results are deleted, and with them the rows of a rebuilt table; it must be -1",
  },
  {
    setting: "unclean.leader.election.enable",
    isBroken: (value) => value === "true",
    severity: "loss",
    says: "a replica that is behind may become leader, and results that were acknowledged are gone",
  },
]

const PASSING_RULES: readonly Rule[] = [
  {
    setting: "cleanup.policy",
    isBroken: (value) => value.includes("compact"),
    severity: "loss",
    says: "it is compacted: an element may be replaced before a worker has read it",
  },
  {
    setting: "retention.ms",
    isBroken: isShorter,
    severity: "warning",
    says: "less than 30 days: elements are lost when the workers stand still for longer than that",
  },
]

const EVERY_RULE: readonly Rule[] = [
  {
    setting: "retention.bytes",
    isBroken: (value) => value !== "-1",
    severity: "loss",
    says: "a size limit deletes records that may still be needed; it must be -1",
  },
  {
    setting: "min.insync.replicas",
    isBroken: (value, replicas) => replicas > 1 && Number(value) < 2,
    severity: "warning",
    says: "one replica may acknowledge alone: what it took is gone when it dies at the wrong moment",
  },
  {
    setting: "compression.type",
    isBroken: (value) => value !== "uncompressed" && value !== "gzip",
    severity: "warning",
    says: "a foreign producer may store compressed batches, which older versions of this client, and brokers without compression, cannot read",
  },
]

const unshared = (topic: string): TopicFinding => ({
  topic,
  severity: "warning",
  says: "one partition: a second worker has nothing to do; `topics create --partitions` has to say more before the topic is made",
})

const CHECKED_SETTINGS = [...new Set([...RESULT_RULES, ...PASSING_RULES, ...EVERY_RULE].map(({ setting }) => setting))]

/** What is wrong with one topic of the log. Pure. */
export function topicFindings(
  topic: Topic,
  { name, replicas, partitions, settings }: TopicState,
): readonly TopicFinding[] {
  if (replicas === null) return [{ topic: name, severity: "loss", says: "the topic does not exist" }]
  if (settings === null || settings.size === 0) {
    const says = "the brokers do not tell its settings: make sure by hand that it is kept as long as it must"
    return [{ topic: name, severity: "warning", says }]
  }
  const shared = topic === "element-created" && partitions === 1 ? [unshared(name)] : []
  const own = RESULT_TOPICS.includes(topic) ? RESULT_RULES : PASSING_RULES
  const broken = [...own, ...EVERY_RULE].flatMap(({ setting, isBroken, severity, says }) => {
    const value = settings.get(setting)
    return value !== undefined && isBroken(value, replicas)
      ? [{ topic: name, severity, says: `${setting} is ${value}: ${says}` }]
      : []
  })
  const single = { topic: name, severity: "warning", says: "one replica: a lost disk is a lost topic" } as const
  return [...shared, ...broken, ...(replicas < 2 ? [single] : [])]
}
