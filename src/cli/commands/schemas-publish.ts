import { publishSchema, schemaFindings, unpublishedTopics } from "../../events/compatibility.ts"
import type { Call, Command, Ending } from "../command.ts"
import { findingLine } from "./schemas-check.ts"

async function run({ io }: Call): Promise<Ending> {
  const findings = schemaFindings()
  if (findings.length > 0) {
    io.stderr.write(
      `${findings.map(findingLine).join("")}Nothing was published: an incompatible schema is a new event.\n`,
    )
    return 1
  }
  const topics = unpublishedTopics()
  for (const topic of topics) io.stdout.write(`${topic} v${publishSchema(topic)}\n`)
  if (topics.length === 0) io.stderr.write("Nothing has changed since the last published versions.\n")
  return 0
}

export const schemasPublish: Command = {
  details:
    "Part of a release: writes schemas/published/<topic>/vN.avsc for every schema that changed in more than its words. Refuses while `schemas check` finds something.",
  examples: [["schemas publish", "what a release does after `schemas check`"]],
  run,
}
