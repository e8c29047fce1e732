import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { findPlatform } from "../../deployment/deployment-target.ts"
import { registryAccess } from "../../deployment/server-access.ts"
import { generateTypes } from "../../events/avro-schema.ts"
import {
  type Finding,
  publishedSchemas,
  publishSchema,
  schemaFindings,
  unpublishedTopics,
} from "../../events/compatibility.ts"
import { SCHEMA_NAMES, schemaOf, schemasFolder } from "../../events/schemas.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { counted } from "../views/human.ts"
import { jsonLines } from "../views/rows.ts"

/** One line a finding, as `schemas check` and `schemas publish` print it. */
const findingLine = ({ topic, rule, says }: Finding): string => `${topic}: ${rule}: ${visible(says)}\n`

async function check({ io, options }: Call): Promise<Ending> {
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
  run: check,
}

const TARGET = join(dirname(schemasFolder()), "src/events/records.generated.ts")

/** The text that src/events/records.generated.ts must have. */
const wantedTypes = (): string => generateTypes(SCHEMA_NAMES.map(schemaOf))

async function writeTypes({ io, options }: Call): Promise<Ending> {
  if (!existsSync(TARGET))
    return badUsage(io, "schemas types works in a checkout; the installed package has no sources.")
  const wanted = wantedTypes()
  const current = readFileSync(TARGET, "utf8") === wanted
  if (options.check === true) {
    if (!current) io.stderr.write("src/events/records.generated.ts is not what schemas/ says: run `schemas types`.\n")
    return current ? 0 : 1
  }
  if (!current) writeFileSync(TARGET, wanted)
  io.stdout.write(`src/events/records.generated.ts ${current ? "was current" : "written"}\n`)
  return 0
}

export const schemasTypes: Command = {
  options: [{ syntax: "--check", says: "write nothing; exit code 1 when the types have drifted" }],
  examples: [
    ["schemas types", "after a change of a .avsc file"],
    ["schemas types --check", "in a build"],
  ],
  run: writeTypes,
}

async function publish({ io }: Call): Promise<Ending> {
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
  run: publish,
}

async function register(call: Call): Promise<Ending> {
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  const { config } = platform.value
  const registry = registryAccess(config)
  if (!registry.ok) return giveUp(call.io, registry.failure)
  const { registerSchemas } = await import("../../log/kafka/schemas.ts")
  const registered = await registerSchemas({ registry: registry.value, prefix: config.kafkaTopicPrefix })
  if (!registered.ok) return giveUp(call.io, registered.failure)
  for (const { subject, id } of registered.value) call.io.stdout.write(`${subject} has id ${id}\n`)
  return 0
}

export const schemasRegister: Command = {
  details:
    "Workers do not start before it. Registering again changes nothing; a schema that breaks a registered version is refused.",
  settings: ["platform"],
  examples: [["schemas register", "before a new version's first worker starts"]],
  run: register,
}
