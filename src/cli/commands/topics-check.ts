import { findPlatform } from "../../deployment/deployment-target.ts"
import { kafkaAccess } from "../../deployment/server-access.ts"
import { checkLogTopics, type TopicFinding } from "../../log/kafka/topics.ts"
import type { Call, Command, Ending } from "../command.ts"
import { giveUp } from "../terminal/io.ts"
import { type Column, jsonLines, tableText } from "../views/format/rows.ts"

const FIELDS = ["topic", "severity", "says"] as const
const COLUMNS: readonly Column<TopicFinding>[] = FIELDS.map((field) => ({
  title: field,
  of: (finding) => finding[field],
}))

async function run(call: Call): Promise<Ending> {
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
      call.options.json === true ? jsonLines(findings.value, FIELDS) : tableText(findings.value, COLUMNS),
    )
  return findings.value.some(({ severity }) => severity === "loss") ? 1 : 0
}

export const topicsCheck: Command = {
  details: "Exit code 1 when a topic of results could lose records: a replay could not rebuild the tables then.",
  options: [{ syntax: "--json", says: "one JSON object a line" }],
  settings: ["platform"],
  examples: [["topics check", "in front of every deployment"]],
  run,
}
