import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { openState } from "../state/index.ts"
import { systemClock as clock } from "../system/clock.ts"
import type { OutputsQuery } from "./pages.ts"
import { openSqliteTable } from "./sqlite.ts"
import { outputsPage } from "./sqlite-outputs-page.ts"
import { merge } from "./testing/harness.ts"
import { proxyOutput } from "./testing/rows.ts"

const BUCKETS = ["a", "b", "c"]

/** Two outputs of each key, three at each moment. */
const ROWS = Array.from({ length: 24 }, (_, index) =>
  proxyOutput({
    proxy_id: `p${index}`,
    s3_bucket: BUCKETS[index % 3] ?? "",
    s3_key: `s/x.${Math.floor(index / 6)}.exr`,
    generated_timestamp: `2026-04-01T00:00:${String(10 + Math.floor(index / 3)).padStart(2, "0")}.000000+00:00`,
  }),
)

const at = (second: number) => `2026-04-01T00:00:${second}.000000+00:00`

const filters: readonly Partial<OutputsQuery>[] = [
  ...[{}, { bucket: "b" }, { prefix: "s/x.1" }, { bucket: "b", prefix: "s/x.1" }, { bucket: "b", prefix: "t" }],
  ...([
    { state: "current" },
    { state: "superseded", bucket: "a" },
    { state: "removed" },
    { since: at(12), until: at(15) },
  ] as const),
  ...[{ sequence: { bucket: "c", folder: "s/", head: "x.", tail: ".exr" } }, { fileId: "none" }, { bucket: "none" }],
]

it.each((["key", "newest"] as const).flatMap((order) => filters.map((filter) => ({ order, ...filter }))))(
  "outputs that are looked for slice by slice are those that one look would find, page after page: %o",
  async (query) => {
    const folder = mkdtempSync(join(tmpdir(), "outputs-"))
    const state = unwrap(await openState({ folder, mode: "own", clock }))
    onTestFinished(() => {
      state.close()
      rmSync(folder, { recursive: true })
    })
    const table = openSqliteTable({ state })
    unwrap(await table.ensure())
    await merge(table, { proxyOutputs: ROWS })
    const whole = unwrap(await outputsPage(state, { ...query, limit: 100 }))
    const expected = ROWS.filter(
      ({ s3_bucket, s3_key, generated_timestamp: made }) =>
        s3_bucket === (query.bucket ?? query.sequence?.bucket ?? s3_bucket) &&
        s3_key.startsWith(query.prefix ?? "") &&
        made >= (query.since ?? "") &&
        made < (query.until ?? "3") &&
        query.fileId === undefined,
    )
    if (query.state === undefined)
      expect(whole.map((row) => row.proxy_id).toSorted()).toEqual(expected.map((row) => row.proxy_id).toSorted())
    else expect(new Set(whole.map(({ state }) => state)).size).toBe(query.state === "removed" ? 0 : 1)
    for (const [limit, sliceRows] of [
      [3, 2],
      [2, 5],
      [50, 1],
    ] as const) {
      const found: (typeof whole)[number][] = []
      for (;;) {
        const page = unwrap(await outputsPage(state, { ...query, limit, after: found.at(-1) }, sliceRows))
        found.push(...page)
        if (page.length < limit) break
      }
      expect(found).toEqual(whole)
    }
  },
)
