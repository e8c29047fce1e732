/** Writes docs/events.md. */

import { TOPICS, type Topic } from "../../src/log/index.ts"
import { topicSettings } from "../../src/log/kafka/topics.ts"
import { readersOf, saysOf, writersOf } from "./asyncapi.ts"
import { NOTIFICATIONS, type Notification } from "./notifications.ts"

const listed = (names: readonly string[]): string => (names.length === 0 ? "" : names.join(", "))

const topicRow = (topic: Topic): string =>
  `| \`${topic}\` | ${saysOf(topic)} | ${listed(writersOf(topic))} | ${listed(readersOf(topic))} | ${keptText(topic)} |`

const DAY_MS = 86_400_000

function keptText(topic: Topic): string {
  const keptMs = Number(topicSettings(topic)["retention.ms"])
  return keptMs < 0 ? "for ever" : `${keptMs / DAY_MS} days`
}

type Field = {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Field>>
  readonly required?: readonly string[]
}

/** Fields with their paths; what is optional is said. */
function fieldsOf({ properties = {}, required = [] }: Field, path = ""): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) => [
    `| \`${path}${name}\` | ${required.includes(name) ? "" : "at times"} | ${(field.description ?? "").replaceAll("|", "\\|")} |`,
    ...fieldsOf(field, `${path}${name}.`),
  ])
}

const fenced = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``

function notificationSection({ name, channel, summary, payload, samples }: Notification): string {
  const rows = fieldsOf(payload as Field)
  const shown = samples.map(({ key, value }) => `Under the key \`${key}\`:\n\n${fenced(value)}`)
  return `### ${name}

${summary} On the ${channel} topic.

| field | | holds |
|---|---|---|
${rows.join("\n")}

${shown.join("\n\n")}
`
}

export const eventsPage = (): string => `# Events: what is on the topics, and what the outside is told

<!-- Written by scripts/events-doc from schemas/, the topology and the code that tells:
     vitest run scripts/events-doc -u. Change those, not this page. -->

All of this as a document for machines: [asyncapi.json](asyncapi.json) (AsyncAPI 3.0). The schemas of the facts, every field with
its words, are the files in [schemas/](../schemas/).

## Topics of facts

One topic per kind of fact; each name has \`KAFKA_TOPIC_PREFIX\` (\`oiio.\`) before it. \`topics create\` makes them, with 12 partitions unless told otherwise.

| topic | a record says | written by | read by | kept |
|---|---|---|---|---|
${TOPICS.map(topicRow).join("\n")}

- **Value**: Avro in Confluent's wire format: the byte 0, the schema's id (4 bytes, big-endian), the record. Read with the writer's schema
  from the registry, resolved onto your own: fields are only ever appended, with defaults.
- **Key**: of an element's facts \`bucket/folder/stem\`, of a sequence's \`bucket/folder/head+tail\`: what has one key is in one order.
  Between keys, and between topics, there is none.
- **Headers**: CloudEvents' Kafka binding (\`ce_id\`, \`ce_type\`, \`ce_source\`, \`ce_time\`), the trace context where there is one.
- **Repeats**: each fact is delivered at least once. A record that comes again has the same \`factId\` (and \`ce_id\`): remember those you have
  taken, or write under a key so that a repeat changes nothing. Of two facts about one source the one with the larger \`logicalTimeMs\` is the
  newer.
- **Foreign bytes and tombstones**: anybody can write on a topic. Put what you cannot decode aside, with its partition and offset, and go
  on: a consumer that stops at one record stops for ever. \`examples/\` shows how.
- A topic that is kept for ever must not be compacted: replaying it makes the tables again.

## What the outside is told

Bare JSON, no schema id and no headers, on topics that belong to their receivers: \`KAFKA_TOPIC\` (spaceharbor.proxy) and
\`KAFKA_COMPLETION_TOPIC\` (spaceharbor.dataengine.completed). In a folder the same messages are lines of a file that
\`--notifications\` names, or of standard output. A message is sent after the row is written and may come again with the same content: drop by \`id\`, where there
is one, by \`asset_id\` and \`timestamp\` for proxy.generated.

${NOTIFICATIONS.map(notificationSection).join("\n")}`
