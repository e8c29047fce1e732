import type { Result } from "../../events/result.ts"
import { PROXY_OUTPUT_COLUMNS, type ProxyOutputRow } from "../../table/rows.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, withTable } from "../open-records.ts"
import { sayingWaits, TABLE_ROWS } from "../server-waits.ts"
import { endOfRows, giveUp, type Io } from "../terminal/io.ts"
import { humanBytes } from "../views/human.ts"
import { FORMAT_OPTIONS, inChosenFormat, type RowFormat, writeRows } from "../views/rows.ts"
import type { Column } from "../views/text-table.ts"

const COLUMNS: readonly Column<ProxyOutputRow>[] = [
  { title: "bucket", of: (row) => row.s3_bucket },
  { title: "key", of: (row) => row.s3_key },
  { title: "colour space", of: (row) => row.source_colorspace },
  { title: "source", of: (row) => humanBytes(row.source_size_bytes), alignRight: true },
  { title: "thumbnail", of: (row) => humanBytes(row.thumbnail_size_bytes), alignRight: true },
  { title: "proxy", of: (row) => humanBytes(row.proxy_size_bytes), alignRight: true },
  { title: "seconds", of: (row) => row.processing_time_seconds.toFixed(2), alignRight: true },
  { title: "made", of: (row) => row.generated_timestamp.slice(0, 19).replace("T", " ") },
]

/** Writes proxy_outputs: all 18 columns in order as JSON lines or CSV, a selection of them as a table. */
export const writeOutputs = (
  rows: AsyncIterable<Result<ProxyOutputRow>>,
  format: RowFormat,
  io: Io,
): Promise<Result<number>> => writeRows({ rows, format, fields: PROXY_OUTPUT_COLUMNS, columns: COLUMNS, io })

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
    DIR_ALIAS,
  ],
  settings: ["state", "platform"],
  examples: [
    ["outputs shots/", "the table, for reading"],
    ["outputs shots/ --csv > proxies.csv", "for a spreadsheet"],
  ],
  run,
}
