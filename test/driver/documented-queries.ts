import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Rows } from "../../src/table/index.ts"
import { elementRow, inspection, proxyOutput, sequenceRow } from "../../src/table/testing/rows.ts"

const PAGES = ["queries.md", "tables.md", "metadata-tables.md"]

const queriesOf = (page: string): readonly string[] =>
  [...readFileSync(join(import.meta.dirname, "../../docs", page), "utf8").matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(
    ([, sql]) => (sql ?? "").trim(),
  )

/** Every query that the pages about tables show. */
export const DOCUMENTED_QUERIES: readonly string[] = PAGES.flatMap(queriesOf)

const ours = { bucket: "show" } as const
const key = "renders/shot_010/beauty.0002.exr"
const failed = { state: "failed", failure_code: "source/damaged", failure_kind: "permanent" } as const

/** Something that each of them finds. */
export const SHOWN_ROWS: Rows = {
  proxyOutputs: [proxyOutput({ s3_bucket: "show" })],
  elements: [
    elementRow(ours),
    elementRow({
      ...ours,
      ...failed,
      key,
      element_id: "element-2",
      stage: "fetch-source",
      failure_says: "It ends early.",
    }),
    elementRow({ ...ours, key: "renders/shot_010/beauty.0003.exr", element_id: "element-3", state: "queued" }),
  ],
  inspections: [inspection({ s3_bucket: "show" })],
  sequences: [sequenceRow(ours)],
}
