import type { Call, Command, Ending } from "../command.ts"
import { FORMAT_OPTIONS, inChosenFormat } from "../format/chosen-format.ts"
import { writeOutputs } from "../format/outputs.ts"
import { giveUp } from "../io.ts"
import { withPlace } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

const run = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withPlace(call, call.args[0] ?? null, { mode: "read" }, async ({ records: { table } }) => {
      const written = await writeOutputs(table.proxyOutputs(), format, call.io)
      return written.ok ? 0 : giveUp(call.io, written.failure)
    }),
  )

export const outputs: Command = {
  name: "outputs",
  summary: "the table proxy_outputs",
  details: "One row per source version, the contract's 18 columns in order with --json and --csv.",
  parameters: [DIR_PARAMETER],
  options: [...FORMAT_OPTIONS, { syntax: "--dir <dir>", says: "the same as [dir]" }],
  settings: ["state", "platform"],
  examples: [
    ["outputs shots/", "the table, for reading"],
    ["outputs shots/ --csv > proxies.csv", "for a spreadsheet"],
  ],
  run,
}
