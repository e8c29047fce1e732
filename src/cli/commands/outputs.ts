import type { Call, Command, Ending } from "../command.ts"
import { writeOutputs } from "../format/outputs.ts"
import { badUsage, giveUp } from "../io.ts"
import { withPlace } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

const run = (call: Call): Promise<Ending> => {
  const { json, csv } = call.options
  if (json === true && csv === true) return Promise.resolve(badUsage(call.io, "Either --json or --csv, not both."))
  const format = json === true ? "json" : csv === true ? "csv" : "table"
  return withPlace(call, call.args[0] ?? null, { mode: "read" }, async ({ records: { table } }) => {
    const written = await writeOutputs(table.proxyOutputs(), format, call.io)
    return written.ok ? 0 : giveUp(call.io, written.failure)
  })
}

export const outputs: Command = {
  name: "outputs",
  summary: "the table proxy_outputs",
  details: "One row per source version, the contract's 18 columns in order with --json and --csv.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--json", says: "one JSON object a line" },
    { syntax: "--csv", says: "comma-separated values with a header" },
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [
    ["outputs shots/", "the table, for reading"],
    ["outputs shots/ --csv > proxies.csv", "for a spreadsheet"],
  ],
  run,
}
