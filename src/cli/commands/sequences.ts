import type { Result } from "../../events/result.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, withTable } from "../open-records.ts"
import { sayingWaits, TABLE_ROWS } from "../server-waits.ts"
import { endOfRows, giveUp } from "../terminal/io.ts"
import { FORMAT_OPTIONS, inChosenFormat, writeRows } from "../views/rows.ts"
import { SEQUENCE_COLUMNS, SEQUENCE_FIELDS } from "../views/sequence/table.ts"
import { isSequence } from "../views/sequences.ts"

const run = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withTable(call, call.args[0] ?? null, async (table) => {
      const rows = sayingWaits(call, TABLE_ROWS, table.sequences())
      const chosen = call.options.all === true ? rows : withoutStills(rows)
      const layout = { fields: SEQUENCE_FIELDS, columns: SEQUENCE_COLUMNS }
      const written = await writeRows({ rows: chosen, format, ...layout, io: call.io })
      return written.ok ? endOfRows(call.io) : giveUp(call.io, written.failure)
    }),
  )

async function* withoutStills(rows: AsyncIterable<Result<SequenceRow>>): AsyncGenerator<Result<SequenceRow>> {
  for await (const row of rows) if (!row.ok || isSequence(row.value)) yield row
}

export const sequences: Command = {
  details:
    "The table sequences: which frames are made, which failed, which are missing, and where the movie is. Frames are ranges, 1001-1040,1045; the table for reading cuts long ones, --json and --csv have them whole.",
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--all", says: "also single frames whose names hold a number" }, ...FORMAT_OPTIONS, DIR_ALIAS],
  settings: ["state", "platform"],
  examples: [
    ["sequences shots/", "which shots have gaps"],
    ["sequences shots/ --csv > shots.csv", "for a spreadsheet"],
  ],
  run,
}
