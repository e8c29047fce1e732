import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { generateTypes } from "../../events/avro-schema.ts"
import { SCHEMA_NAMES, schemaOf } from "../../events/schemas.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage } from "../terminal/io.ts"

const TARGET = new URL("../../events/records.generated.ts", import.meta.url)

/** The text that src/events/records.generated.ts must have. */
export const wantedTypes = (): string => generateTypes(SCHEMA_NAMES.map(schemaOf))

async function run({ io, options }: Call): Promise<Ending> {
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
  run,
}
