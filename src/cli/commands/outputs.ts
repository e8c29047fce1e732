import type { Call, Command, Ending } from "../command.ts"
import { endOfRows, giveUp } from "../terminal/io.ts"
import { FORMAT_OPTIONS, inChosenFormat } from "../views/format/chosen-format.ts"
import { writeOutputs } from "../views/format/outputs.ts"
import { sayingWaits, TABLE_ROWS } from "../waited-for.ts"
import { withTable } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

const run = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withTable(call, call.args[0] ?? null, async (table) => {
      const rows = call.options.all === true ? table.proxyOutputs() : table.currentOutputs()
      const written = await writeOutputs(sayingWaits(call, TABLE_ROWS, rows), format, call.io)
      return written.ok ? endOfRows(call.io) : giveUp(call.io, written.failure)
    }),
  )

export const outputs: Command = {
  details:
    "The view proxy_outputs_current; with --all the table proxy_outputs, which keeps a row per source version, also of sources that were replaced or removed. The contract's 18 columns in order with --json and --csv.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--all", says: "the history: every version, also of frames that are gone" },
    ...FORMAT_OPTIONS,
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [
    ["outputs shots/", "the table, for reading"],
    ["outputs shots/ --csv > proxies.csv", "for a spreadsheet"],
  ],
  run,
}
