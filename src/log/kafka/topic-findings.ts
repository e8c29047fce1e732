import type { Topic } from "../index.ts"
import { RESULT_TOPICS } from "./topic-names.ts"

/** How long what is no result is kept: longer than any stop of the workers. */
export const RETENTION_MS = 30 * 86_400_000

/** Values by name, as the brokers give them. */
export type Settings = ReadonlyMap<string, string>

/** What is wrong with a topic. `loss`: records that must stay could go, or nothing can be written; `warning`: worth knowing. */
export type TopicFinding = { readonly topic: string; readonly severity: "loss" | "warning"; readonly says: string }

export type TopicState = {
  readonly name: string
  /** Copies of the partition that has fewest; null when there is no such topic. */
  readonly replicas: number | null
  /** Null when there is no such topic. */
  readonly partitions: number | null
  /** Null when the brokers do not tell. */
  readonly settings: Settings | null
}

export const CHECKED_SETTINGS = [
  "cleanup.policy",
  "retention.ms",
  "retention.bytes",
  "unclean.leader.election.enable",
  "min.insync.replicas",
  "compression.type",
] as const

type Rule = {
  readonly setting: (typeof CHECKED_SETTINGS)[number]
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
