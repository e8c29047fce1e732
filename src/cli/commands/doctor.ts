import { type Check, checkAll, checkMachine } from "../../deployment/checks.ts"
import { findTarget, type Platform } from "../../deployment/deployment-target.ts"
import { checkServers } from "../../deployment/server-checks.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS } from "../open-records.ts"
import { giveUp } from "../terminal/io.ts"
import { jsonLines } from "../views/rows.ts"
import { type Column, tableText, tableWidth } from "../views/text-table.ts"

const FIELDS = ["what", "verdict", "says"] as const
const COLUMNS: readonly Column<Check>[] = FIELDS.map((field) => ({
  title: field,
  of: (check) => check[field],
  ...(field === "says" ? { tooWide: "wrap" } : {}),
}))

async function run(call: Call): Promise<Ending> {
  const target = findTarget(call, call.args[0] ?? null)
  if (!target.ok) return giveUp(call.io, target.failure)
  const checks =
    target.value.kind === "folder"
      ? await checkAll(call, target.value.installation)
      : await checkDeployment(call, target.value.platform)
  return endWithChecks(call, checks)
}

/** Writes what was found. */
export function endWithChecks({ io, options }: Pick<Call, "io" | "options">, checks: readonly Check[]): Ending {
  io.stdout.write(options.json === true ? jsonLines(checks, FIELDS) : tableText(checks, COLUMNS, tableWidth(io)))
  return checks.some(({ verdict }) => verdict === "missing") ? 3 : 0
}

async function checkDeployment(call: Call, { config }: Platform): Promise<readonly Check[]> {
  const [machine, servers] = await Promise.all([
    checkMachine(call, { config }),
    checkServers({ config, clock: call.clock }),
  ])
  return [...machine, ...servers]
}

export const doctor: Command = {
  details:
    "Where KAFKA_BROKER is set and no folder is named, the servers are asked: brokers and topics, schema registry, each bucket (a small object is written under .proxies/, read and removed), clocks, and the tables. Nothing is created.",
  parameters: [{ syntax: "[dir]", says: "folder of frames" }],
  options: [{ syntax: "--json", says: "one JSON object a line" }, DIR_ALIAS],
  settings: ["state", "outputs", "colour", "tools", "work", "platform", "intake"],
  examples: [
    ["doctor shots/", "exit code 3 when something is missing"],
    ["doctor", "the servers that the environment names"],
  ],
  run,
}
