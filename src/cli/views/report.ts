import { done, type Result } from "../../events/result.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import type { Io } from "../terminal/io.ts"
import { tell } from "../terminal/paced.ts"
import { counted } from "./format/human.ts"

/** Says on stderr which elements failed and why; gives their number. */
export async function listFailures(table: Table, bucket: string, io: Io): Promise<Result<number>> {
  const rows: ElementRow[] = []
  for await (const row of table.elements({ states: ["failed"], bucket })) {
    if (!row.ok) return row
    rows.push(row.value)
  }
  if (rows.length === 0) return done(0)
  await tell(
    io,
    `${counted(rows.length, "frame")} failed (\`failures list\` tells more, \`failures retry\` tries again):\n`,
  )
  for (const { key, failure_code, failure_says } of rows)
    await tell(io, `  ${visible(key)}: ${failure_code}: ${visible(failure_says ?? "")}\n`)
  return done(rows.length)
}

/** Of a listing; nothing where there are none. */
export const dismissedText = (dismissed: number): string => (dismissed === 0 ? "" : `, ${dismissed} dismissed`)

/** Of a listing; nothing where there are none. */
export const unsupportedText = (unsupported: number): string =>
  unsupported === 0 ? "" : ` ${counted(unsupported, "other file")} left out, by their endings.`
