import kafkajs, { type Admin } from "kafkajs"
import { failed, failure, type Result } from "../events/result.ts"
import { type Clock, systemClock, within } from "../system/clock.ts"
import { classify, SETTINGS } from "./failures.ts"
import type { Brokers } from "./index.ts"

/** Names on the brokers: topics and groups share one prefix, so that one access rule covers an installation. */
export type Names = {
  readonly prefix: string
  readonly topic: (topic: string) => string
  readonly group: (group: string) => string
  /** The group behind a name on the brokers; null for a group of somebody else's, and for those of replays. */
  readonly groupOf: (name: string) => string | null
  /** Group of one replay: a consumer cannot read without one. Nothing is ever committed to it. */
  readonly replay: (id: string) => string
}

export function namesWith(prefix: string): Names {
  const replays = `${prefix}replay.`
  return {
    prefix,
    topic: (topic) => `${prefix}${topic}`,
    group: (group) => `${prefix}${group}`,
    groupOf: (name) => (name.startsWith(prefix) && !name.startsWith(replays) ? name.slice(prefix.length) : null),
    replay: (id) => `${replays}${id}`,
  }
}

/** A topic by its whole name, with the settings that are ours; the brokers decide about all others. */
export type TopicDeclaration = { readonly name: string; readonly settings: Readonly<Record<string, string>> }

export type CreateOptions = {
  readonly partitions: number
  /** -1: the default of the brokers. */
  readonly replicationFactor: number
}

export type CreatedTopics = { readonly created: readonly string[]; readonly existing: readonly string[] }

/** Creates the topics that are not there, and waits until they can be used; one that is there stays as it is. */
export async function createTopics(
  { administer }: Brokers,
  wanted: readonly TopicDeclaration[],
  { partitions, replicationFactor }: CreateOptions,
): Promise<Result<CreatedTopics>> {
  return administer("Creating topics", async (admin) => {
    const there = new Set(await admin.listTopics())
    const missing = wanted.filter(({ name }) => !there.has(name))
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map(({ name, settings }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      })),
    })
    const created = missing.map(({ name }) => name)
    await untilServed(admin, created)
    return { created, existing: wanted.map(({ name }) => name).filter((name) => there.has(name)) }
  })
}

const LOOK_EVERY_MS = 200
const MOST_LOOKS = 100

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

/** A topic as the brokers describe it. */
export type TopicState = {
  readonly name: string
  /** Replicas of the partition that has fewest; null when the topic does not exist. */
  readonly replicas: number | null
  /** Null when the topic does not exist. */
  readonly partitions: number | null
  /** Values by name, as the brokers spell them; null when the brokers do not tell. */
  readonly settings: ReadonlyMap<string, string> | null
}

/** The state of each of these topics, in the order of `names`. */
export function topicStates(
  { administer }: Brokers,
  names: readonly string[],
  settingNames: readonly string[],
): Promise<Result<readonly TopicState[]>> {
  return administer("Looking at topics", async (admin) => {
    const { topics } = await admin.fetchTopicMetadata()
    const found = new Map(topics.map((topic) => [topic.name, topic.partitions]))
    const settings = await settingsOf(
      admin,
      names.filter((name) => found.has(name)),
      settingNames,
    )
    return names.map((name) => {
      const partitions = found.get(name)
      return {
        name,
        replicas: partitions === undefined ? null : Math.min(...partitions.map(({ replicas }) => replicas.length)),
        partitions: partitions?.length ?? null,
        settings: settings.get(name) ?? null,
      }
    })
  })
}

/** Settings by topic. Empty where the brokers do not tell: some servers that speak Kafka's protocol know no settings. */
async function settingsOf(
  admin: Admin,
  names: readonly string[],
  settingNames: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (names.length === 0) return new Map()
  const type = kafkajs.ConfigResourceTypes.TOPIC
  const resources = names.map((name) => ({ type, name, configNames: [...settingNames] }))
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

/** Which of these topics, given by their whole names, do not exist. Fails log/unreachable, log/refused. */
export const missingTopics = ({ administer }: Brokers, wanted: readonly string[]): Promise<Result<readonly string[]>> =>
  administer("Looking for topics", async (admin) => {
    const there = new Set(await admin.listTopics())
    return wanted.filter((topic) => !there.has(topic))
  })

const START_WITHIN_MS = 12_000

/**
 * The same at a start, within 12 s, whatever is at the address: the client's own limits do not hold for a server that
 * accepts connections and never answers.
 */
export async function missingTopicsAtStart(
  brokers: Brokers,
  wanted: readonly string[],
  clock: Clock,
): Promise<Result<readonly string[]>> {
  const says = `${SETTINGS.brokers}: nothing that speaks Kafka answered at ${brokers.address} in ${START_WITHIN_MS / 1000} s`
  const late = (): Result<never> => failed(failure("log/unreachable", says))
  return within({ clock, ms: START_WITHIN_MS, late }, missingTopics(brokers, wanted))
}
