/** Writes docs/asyncapi.json: every topic, who reads and who writes it, and what its records hold. */

import settings from "../../package.json" with { type: "json" }
import { settingOf } from "../../src/config/table.ts"
import { cloudEventHeaders } from "../../src/events/fact.ts"
import { type FactTopic, schemaOf } from "../../src/events/schemas.ts"
import { proxyMade } from "../../src/events/testing/facts.ts"
import { TOPICS, type Topic } from "../../src/log/index.ts"
import { topicSettings } from "../../src/log/kafka/topics.ts"
import { stepsOf, type TopologyGraph } from "../../topology/describe.ts"
import { TOPOLOGIES } from "../../topology/graph.ts"
import { type JsonSchema, NOTIFICATIONS } from "./notifications.ts"

const isFactTopic = (topic: Topic): topic is FactTopic => topic !== "dead-letter"

/** What a topic is for, in the words of its schema. */
export function saysOf(topic: Topic): string {
  if (!isFactTopic(topic))
    return "Bytes of any topic that nobody could decode: where they stood, why, and the first 4 KB of them. JSON, not Avro."
  const { doc } = schemaOf(topic) as { readonly doc?: string }
  return topic === "element-created-backfill"
    ? `${doc} Found by a listing: it never delays what arrives now.`
    : (doc ?? "")
}

const appendedBy = ({ stages, failsTo, isOutside }: TopologyGraph): ReadonlySet<string> =>
  new Set([
    ...stepsOf(stages).flatMap(({ appends = [] }) => appends),
    ...(failsTo === undefined ? [] : [failsTo]),
    ...(isOutside ? [] : ["dead-letter"]),
  ])

const readBy = ({ consumes, beside = [] }: TopologyGraph): readonly string[] => [...consumes, ...beside]

export const writersOf = (topic: Topic): readonly string[] =>
  TOPOLOGIES.filter((graph) => appendedBy(graph).has(topic)).map(({ name }) => name)

export const readersOf = (topic: Topic): readonly string[] =>
  TOPOLOGIES.filter((graph) => !graph.isOutside && readBy(graph).includes(topic)).map(({ name }) => name)

const OPTIONAL_HEADERS = {
  ce_traceparent: "W3C trace context, where the trigger had one.",
  ce_tracestate: "W3C trace state, where the trigger had one.",
}

/** Headers after the CloudEvents Kafka binding, each as text. */
function headers(): JsonSchema {
  const always = Object.keys(cloudEventHeaders(proxyMade()))
  const all = [...always.map((name) => [name, { type: "string" }]), ...Object.entries(OPTIONAL_HEADERS).map(described)]
  return { type: "object", required: always, properties: Object.fromEntries(all) }
}

const described = ([name, description]: readonly [string, string]) => [name, { type: "string", description }] as const

const channelRef = (id: string) => ({ $ref: `#/channels/${id}` })

function factChannel(topic: Topic): JsonSchema {
  const payload = isFactTopic(topic)
    ? { schemaFormat: "application/vnd.apache.avro+json;version=1.9.0", schema: schemaOf(topic) }
    : { type: "object", description: "A dead letter." }
  return {
    address: `{prefix}${topic}`,
    description: saysOf(topic),
    parameters: { prefix: { description: "KAFKA_TOPIC_PREFIX.", default: "oiio." } },
    messages: {
      [topic]: {
        name: topic,
        contentType: isFactTopic(topic) ? "application/avro" : "application/json",
        payload,
        ...(isFactTopic(topic) && {
          headers: headers(),
          bindings: {
            kafka: { key: { type: "string" }, schemaIdLocation: "payload", schemaIdPayloadEncoding: "confluent" },
          },
        }),
      },
    },
    bindings: {
      kafka: {
        topicConfiguration: {
          "cleanup.policy": [topicSettings(topic)["cleanup.policy"]],
          "retention.ms": Number(topicSettings(topic)["retention.ms"]),
        },
      },
    },
  }
}

/** Which setting names a channel's topic. */
const NOTIFIED = { proxy: settingOf("kafkaTopic"), completion: settingOf("kafkaCompletionTopic") } as const

function notificationChannel(channel: keyof typeof NOTIFIED): JsonSchema {
  const told = NOTIFICATIONS.filter((one) => one.channel === channel)
  const { env, default: address } = NOTIFIED[channel]
  return {
    address,
    description: `What the outside is told; the topic is its receiver's, named by ${env}.`,
    messages: Object.fromEntries(
      told.map(({ name, summary, payload, samples }) => [
        name,
        {
          ...{ name, summary, contentType: "application/json", payload },
          examples: samples.map(({ value }) => ({ payload: value })),
        },
      ]),
    ),
  }
}

/** The whole document. */
export function asyncApi(): JsonSchema {
  const graphs = TOPOLOGIES.filter(({ isOutside }) => !isOutside)
  const topics = TOPICS.map((topic) => [topic, factChannel(topic)] as const)
  const notified = Object.keys(NOTIFIED) as (keyof typeof NOTIFIED)[]
  const reads = graphs.flatMap((graph) =>
    readBy(graph).map(
      (topic) => [`${graph.name}-reads-${topic}`, { action: "receive", channel: channelRef(topic) }] as const,
    ),
  )
  const writes = TOPOLOGIES.flatMap((graph) =>
    TOPICS.filter((topic) => appendedBy(graph).has(topic)).map(
      (topic) => [`${graph.name}-appends-${topic}`, { action: "send", channel: channelRef(topic) }] as const,
    ),
  )
  const tells = notified.map((one) => [`projector-tells-${one}`, { action: "send", channel: channelRef(one) }] as const)
  return {
    asyncapi: "3.0.0",
    info: {
      title: settings.name,
      version: settings.version,
      description: `${settings.description} docs/events.md says how to read it.`,
      license: { name: settings.license },
    },
    defaultContentType: "application/avro",
    channels: Object.fromEntries([...topics, ...notified.map((one) => [one, notificationChannel(one)] as const)]),
    operations: Object.fromEntries([...reads, ...writes, ...tells]),
  }
}
