import { done, type Result } from "../../../events/result.ts"
import { PROXY_OUTPUT_COLUMNS, type ProxyOutputRow } from "../../../table/rows.ts"
import type { Io } from "../../terminal/io.ts"
import { humanBytes } from "./human.ts"
import { type Column, type RowFormat, writeRows } from "./rows.ts"

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

/** Writes proxy_outputs: all 18 columns in order as JSON lines or CSV, the telling ones as a table. */
export const writeOutputs = (
  rows: AsyncIterable<Result<ProxyOutputRow>>,
  format: RowFormat,
  io: Io,
): Promise<Result<number>> => writeRows({ rows, format, fields: PROXY_OUTPUT_COLUMNS, columns: COLUMNS, io })

/** Rows at hand in the form that {@link writeRows} takes. */
export async function* each<R>(rows: readonly R[]): AsyncGenerator<Result<R>> {
  for (const row of rows) yield done(row)
}
