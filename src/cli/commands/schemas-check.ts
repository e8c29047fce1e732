import type { Finding } from "../../events/compatibility.ts"
import { publishedSchemas, schemaFindings, unpublishedTopics } from "../../events/compatibility.ts"
import { SCHEMA_NAMES } from "../../events/schemas.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import { counted } from "../views/format/human.ts"
import { jsonLines } from "../views/format/rows.ts"

/** One line a finding, as `schemas check` and `schemas publish` print it. */
export const findingLine = ({ topic, rule, says }: Finding): string => `${topic}: ${rule}: ${visible(says)}\n`

async function run({ io, options }: Call): Promise<Ending> {
  const findings = schemaFindings()
  const versions = SCHEMA_NAMES.flatMap((topic) => publishedSchemas(topic)).length
  io.stdout.write(
    options.json === true ? jsonLines(findings, ["topic", "rule", "says"]) : findings.map(findingLine).join(""),
  )
  for (const topic of unpublishedTopics()) io.stderr.write(`note: ${topic} has changed since it was last published.\n`)
  io.stderr.write(
    `${counted(SCHEMA_NAMES.length, "schema")} against ${counted(versions, "published version")}: ${findings.length === 0 ? "all compatible" : counted(findings.length, "finding")}.\n`,
  )
  return findings.length === 0 ? 0 : 1
}

export const schemasCheck: Command = {
  details:
    "New code must read every old record and old readers every new one. Changed logical types, removed fields, new fields without a default, missing documentation and records of one name that differ are found, too. Exit code 1 when something was found.",
  options: [{ syntax: "--json", says: "one JSON object a finding" }],
  examples: [["schemas check", "what a changed .avsc file would break"]],
  run,
}
