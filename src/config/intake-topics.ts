import { DIALECTS, type Dialect } from "../ingest/arrival/message.ts"
import type { Setting } from "./setting.ts"

/** One Kafka topic that tells of new objects; `dialect` null: the one of OIIO_INTAKE_DIALECT. */
export type IntakeTopic = { readonly topic: string; readonly dialect: Dialect | null }

/** What brokers take as the name of a topic. */
const TOPIC = /^[\w.-]{1,249}$/

function intakeTopicOf(raw: unknown): IntakeTopic | undefined {
  const [topic = "", spelled, ...rest] = typeof raw === "string" ? raw.trim().split(":") : []
  const dialect = DIALECTS.find((known) => known === spelled) ?? null
  const isFine = TOPIC.test(topic) && rest.length === 0 && (spelled === undefined || dialect !== null)
  return isFine ? Object.freeze({ topic, dialect }) : undefined
}

function topicsOf(raw: unknown): readonly IntakeTopic[] | undefined {
  const given: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : [raw]
  const topics = given.map(intakeTopicOf)
  return topics.every((topic) => topic !== undefined) ? Object.freeze(topics) : undefined
}

/** A list of topics, each with a dialect of its own or without. */
export const intakeTopics = (
  declared: Pick<Setting<readonly IntakeTopic[]>, "group" | "says" | "env" | "default">,
): Setting<readonly IntakeTopic[]> => ({
  ...declared,
  inFile: true,
  secret: false,
  allowed: `topics with commas between them, each alone or with :dialect (${DIALECTS.join(", ")})`,
  placeholder: "topics",
  parse: topicsOf,
  show: (topics) => topics.map(({ topic, dialect }) => (dialect === null ? topic : `${topic}:${dialect}`)).join(","),
})
