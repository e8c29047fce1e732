import { done, type Result } from "../../events/result.ts"
import type { ElementRow } from "../../table/rows.ts"
import type { Call, Command, Ending } from "../command.ts"
import { endOfRows, giveUp } from "../terminal/io.ts"
import type { SheetFailure } from "../views/contact-sheet/sheet.ts"
import { FORMAT_OPTIONS, inChosenFormat } from "../views/format/chosen-format.ts"
import { type Column, writeRows } from "../views/format/rows.ts"
import { sayingWaits, TABLE_ROWS } from "../waited-for.ts"
import { withTable } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

type FailedRow = {
  readonly bucket: string
  readonly key: string
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
  readonly failedAt: string
}

const FIELDS = ["bucket", "key", "stage", "code", "kind", "says", "attempts", "failedAt"] as const

const COLUMNS: readonly Column<FailedRow>[] = FIELDS.map((field) => ({ title: field, of: (row) => String(row[field]) }))

const failedRow = (row: ElementRow): FailedRow => ({
  bucket: row.bucket,
  key: row.key,
  stage: row.stage ?? "",
  code: row.failure_code ?? "",
  kind: row.failure_kind ?? "",
  says: row.failure_says ?? "",
  attempts: row.attempts,
  failedAt: new Date(row.changed_at_ms).toISOString(),
})

/** One failure as the contact sheet shows it. */
export const sheetFailure = (row: ElementRow): SheetFailure => failedRow(row)

async function* each(rows: AsyncIterable<Result<ElementRow>>): AsyncGenerator<Result<FailedRow>> {
  for await (const row of rows) {
    // Of a dismissed one that prune took off only the version is left that is let alone.
    if (row.ok && row.value.failure_code === null) continue
    yield row.ok ? done(failedRow(row.value)) : row
  }
}

const run = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withTable(call, call.args[0] ?? null, async (table, bucket) => {
      const states = call.options.all === true ? (["failed", "dismissed"] as const) : (["failed"] as const)
      const query = { states, ...(bucket === undefined ? {} : { bucket }) }
      const rows = each(sayingWaits(call, TABLE_ROWS, table.elements(query)))
      const written = await writeRows({ rows, format, fields: FIELDS, columns: COLUMNS, io: call.io })
      return written.ok ? endOfRows(call.io) : giveUp(call.io, written.failure)
    }),
  )

export const failuresList: Command = {
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--all", says: "those too that were dismissed" },
    ...FORMAT_OPTIONS,
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [["failures list shots/ --json", "one object a line, with the codes of docs/failures.md"]],
  run,
}
