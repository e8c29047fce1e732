import { type Check, checkAll } from "../checks.ts"
import type { Call, Command, Ending } from "../command.ts"
import { type Column, jsonLines, tableText } from "../format/rows.ts"
import { findInstallation } from "../installation.ts"
import { giveUp } from "../io.ts"

const FIELDS = ["what", "verdict", "says"] as const
const COLUMNS: readonly Column<Check>[] = FIELDS.map((field) => ({ title: field, of: (check) => check[field] }))

async function run(call: Call): Promise<Ending> {
  const installation = findInstallation(call, call.args[0] ?? null)
  if (!installation.ok) return giveUp(call.io, installation.failure)
  const checks = await checkAll(call, installation.value)
  call.io.stdout.write(call.options.json === true ? jsonLines(checks, FIELDS) : tableText(checks, COLUMNS))
  return checks.some(({ verdict }) => verdict === "missing") ? 3 : 0
}

export const doctor: Command = {
  name: "doctor",
  summary: "whether everything is there that the work needs, and what to do where it is not",
  parameters: [{ syntax: "[dir]", says: "folder of frames" }],
  options: [
    { syntax: "--json", says: "one JSON object a line" },
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "colour", "tools", "work"],
  examples: [["doctor shots/", "exit code 3 when something is missing"]],
  run,
}
