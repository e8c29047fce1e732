import kafkajs, { type Admin } from "kafkajs"
import type { Result } from "../../events/result.ts"
import { classify } from "../../kafka/failures.ts"
import { brokersAt, type KafkaAccess, type Observe } from "../../kafka/index.ts"
import { systemClock } from "../../system/clock.ts"
import type { Topic } from "../index.ts"
import { CHECKED_SETTINGS, RETENTION_MS, type Settings, type TopicFinding, topicFindings } from "./topic-findings.ts"
import { namesWith, RESULT_TOPICS, TOPICS } from "./topic-names.ts"

const LOOK_EVERY_MS = 200
const MOST_LOOKS = 100

export type TopicOptions = {
  readonly kafka: KafkaAccess
  /** Default `oiio.`. */
  readonly prefix?: string
  readonly observe?: Observe
}

export type Created = { readonly created: readonly string[]; readonly existing: readonly string[] }

/**
 * Settings of a topic. Results are kept for ever and never compacted, since replaying them rebuilds the tables. Times
 * are the broker's own, so that no producer's clock decides what is old; and what comes compressed is stored plain,
 * since the VAST Event Broker takes no compression, and older versions of this client read two codecs of five.
 */
export const topicSettings = (topic: Topic): Readonly<Record<string, string>> => ({
  "cleanup.policy": "delete",
  "retention.ms": RESULT_TOPICS.includes(topic) ? "-1" : String(RETENTION_MS),
  "retention.bytes": "-1",
  "message.timestamp.type": "LogAppendTime",
  "compression.type": "uncompressed",
})

/** Creates the topics that are not there; one that is there stays as it is: `checkTopics` tells whether it will do. */
export async function createTopics(
  options: TopicOptions & {
    /** How many workers can share a topic, at most. Raising it later moves keys to other partitions. Default 12. */
    readonly partitions?: number
    /** Default: what the brokers are set to. */
    readonly replicationFactor?: number
    /** Topics that others own, by their whole names; made with the brokers' own settings. */
    readonly others?: readonly string[]
  },
): Promise<Result<Created>> {
  const names = namesWith(options.prefix ?? "oiio.")
  const others = [...new Set(options.others ?? [])]
  const { administer } = brokersAt(options.kafka, options.observe ?? (() => undefined))
  return administer("Creating topics", async (admin) => {
    const there = new Set(await admin.listTopics())
    const wanted = [...TOPICS.map((topic) => ownTopic(names.topic(topic), topic)), ...others.map(othersTopic)]
    const missing = wanted.filter(({ topic }) => !there.has(topic))
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        ...topic,
        numPartitions: options.partitions ?? 12,
        replicationFactor: options.replicationFactor ?? -1,
      })),
    })
    const created = missing.map(({ topic }) => topic)
    await untilServed(admin, created)
    return { created, existing: wanted.map(({ topic }) => topic).filter((topic) => there.has(topic)) }
  })
}

const ownTopic = (name: string, topic: Topic) => ({
  topic: name,
  configEntries: Object.entries(topicSettings(topic)).map(([key, value]) => ({ name: key, value })),
})

const othersTopic = (name: string) => ({ topic: name, configEntries: [] })

/**
 * A topic can be used a moment after it was created: until then its leaders refuse what is sent to them, and the client
 * sends all of a request again, so that what other partitions took stands there twice.
 */
async function untilServed(admin: Admin, topics: readonly string[]): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))
      return
    } catch (error) {
      if (look === MOST_LOOKS || classify(error, "").kind !== "outage") throw error
      await systemClock.sleep(LOOK_EVERY_MS)
    }
  }
}

/** Holds the topics on the brokers against what the design needs. An empty list: all is well. */
export async function checkTopics(options: TopicOptions): Promise<Result<readonly TopicFinding[]>> {
  const names = namesWith(options.prefix ?? "oiio.")
  const { administer } = brokersAt(options.kafka, options.observe ?? (() => undefined))
  return administer("Looking at topics", async (admin) => {
    const { topics } = await admin.fetchTopicMetadata()
    const replicas = new Map(
      topics.map(({ name, partitions }) => [name, Math.min(...partitions.map((one) => one.replicas.length))]),
    )
    const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions.length]))
    const there = TOPICS.filter((topic) => replicas.has(names.topic(topic)))
    const settings = await settingsOf(admin, there.map(names.topic))
    return TOPICS.flatMap((topic) => {
      const name = names.topic(topic)
      return topicFindings(topic, {
        name,
        replicas: replicas.get(name) ?? null,
        partitions: partitions.get(name) ?? null,
        settings: settings.get(name) ?? null,
      })
    })
  })
}

/** Which of these topics, given by their whole names, are not there. Fails as every administration does. */
export function missingTopics(kafka: KafkaAccess, wanted: readonly string[]): Promise<Result<readonly string[]>> {
  const { administer } = brokersAt(kafka, () => undefined)
  return administer("Looking for topics", async (admin) => {
    const there = new Set(await admin.listTopics())
    return wanted.filter((topic) => !there.has(topic))
  })
}

/** Settings by topic; empty where the brokers do not tell, as some that only speak Kafka's protocol do not. */
async function settingsOf(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, Settings>> {
  if (names.length === 0) return new Map()
  const type = kafkajs.ConfigResourceTypes.TOPIC
  const resources = names.map((name) => ({ type, name, configNames: [...CHECKED_SETTINGS] }))
  try {
    const described = await admin.describeConfigs({ includeSynonyms: false, resources })
    return new Map(
      described.resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    )
  } catch (error) {
    if (classify(error, "").kind === "outage") throw error
    return new Map()
  }
}
