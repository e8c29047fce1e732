import type { Config } from "../../config/index.ts"
import { findPlatform } from "../../deployment/deployment-target.ts"
import { kafkaAccess } from "../../deployment/server-access.ts"
import { checkLogTopics, createLogTopics, type TopicFinding } from "../../log/kafka/topics.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { jsonLines } from "../views/rows.ts"
import { type Column, tableText, tableWidth } from "../views/text-table.ts"

const MOST_PARTITIONS = 10_000

async function create(call: Call): Promise<Ending> {
  const partitions = countOf(call, "partitions", MOST_PARTITIONS)
  const replicationFactor = countOf(call, "replicationFactor", 100)
  if (partitions === null || replicationFactor === null)
    return badUsage(call.io, "--partitions and --replication-factor take whole numbers from 1.")
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  const { config } = platform.value
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return giveUp(call.io, kafka.failure)
  const made = await createLogTopics({
    kafka: kafka.value,
    prefix: config.kafkaTopicPrefix,
    others: othersTopics(config, call.options.withIntake === true),
    ...partitions,
    ...replicationFactor,
  })
  if (!made.ok) return giveUp(call.io, made.failure)
  for (const topic of made.value.created) call.io.stdout.write(`${topic} created\n`)
  for (const topic of made.value.existing) call.io.stdout.write(`${topic} was there\n`)
  return 0
}

/** Topics of messages to other systems and, with --with-intake, the topics that arrivals come from. */
const othersTopics = (config: Config, withIntake: boolean): readonly string[] => [
  config.kafkaTopic,
  config.kafkaCompletionTopic,
  ...(withIntake ? config.intakeTopics.map(({ topic }) => topic) : []),
]

/** The option as the named number, nothing when it was not given, null when it is no number in range. */
function countOf<N extends string>(call: Call, name: N, most: number): { readonly [K in N]?: number } | null {
  const text = textOption(call, name)
  if (text === null) return {}
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  return count >= 1 && count <= most ? ({ [name]: count } as { readonly [K in N]?: number }) : null
}

export const topicsCreate: Command = {
  details:
    "Its own topics, and the two that messages to others go to (KAFKA_TOPIC, KAFKA_COMPLETION_TOPIC). A topic that is there stays as it is; `topics check` says whether it will do.",
  options: [
    {
      syntax: "--partitions <count>",
      says: "how many workers can share a topic at most (default 12); raising it later moves keys",
    },
    { syntax: "--replication-factor <count>", says: "copies of each partition (default: what the brokers are set to)" },
    {
      syntax: "--with-intake",
      says: "create the topics of OIIO_INTAKE_TOPICS as well; left out, since whoever writes to them makes them and a mistyped name would come to be",
    },
  ],
  settings: ["platform", "intake"],
  examples: [["topics create --partitions 24 --replication-factor 3", "before the first worker starts"]],
  run: create,
}

const FIELDS = ["topic", "severity", "says"] as const
const COLUMNS: readonly Column<TopicFinding>[] = FIELDS.map((field) => ({
  title: field,
  of: (finding) => finding[field],
  ...(field === "says" ? { tooWide: "wrap" } : {}),
}))

async function check(call: Call): Promise<Ending> {
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  const { config } = platform.value
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return giveUp(call.io, kafka.failure)
  const findings = await checkLogTopics({ kafka: kafka.value, prefix: config.kafkaTopicPrefix })
  if (!findings.ok) return giveUp(call.io, findings.failure)
  if (findings.value.length === 0) call.io.stderr.write("All topics are there and keep what they must.\n")
  else
    call.io.stdout.write(
      call.options.json === true
        ? jsonLines(findings.value, FIELDS)
        : tableText(findings.value, COLUMNS, tableWidth(call.io)),
    )
  return findings.value.some(({ severity }) => severity === "loss") ? 1 : 0
}

export const topicsCheck: Command = {
  details: "Exit code 1 when a topic of results could lose records: a replay could not rebuild the tables then.",
  options: [{ syntax: "--json", says: "one JSON object a line" }],
  settings: ["platform"],
  examples: [["topics check", "in front of every deployment"]],
  run: check,
}
