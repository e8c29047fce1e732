import fc from "fast-check"
import { expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { Table } from "../index.ts"
import { PROXY_OUTPUT_COLUMNS } from "../rows.ts"
import { elementsOf, merge, outputsOf, type TableSuite } from "./harness.ts"
import { elementRow, proxyOutput } from "./rows.ts"

const at = (seconds: number): string => `2026-04-01T00:00:${String(seconds).padStart(2, "0")}.000000+00:00`

export function mergeCases({ open, limits }: TableSuite): void {
  it("gives a row back with its 18 columns in their order", async () => {
    const { table } = await open()
    await merge(table, { proxyOutputs: [proxyOutput()] })
    const [row] = await outputsOf(table)
    expect(row).toEqual(proxyOutput())
    expect(Object.keys(row ?? {})).toEqual([...PROXY_OUTPUT_COLUMNS])
  })

  it("keeps one row however often it is merged, also within one batch", async () => {
    const { table } = await open()
    const rows = { proxyOutputs: Array(3).fill(proxyOutput()), elements: Array(3).fill(elementRow()) }
    await merge(table, rows)
    await merge(table, rows)
    expect([await outputsOf(table), await elementsOf(table)]).toEqual([[proxyOutput()], [elementRow()]])
  })

  it("never lets an older row replace a newer one", async () => {
    const { table } = await open()
    const [older, newer] = [1, 2].map((s) => proxyOutput({ generated_timestamp: at(s), proxy_size_bytes: s }))
    await merge(table, { proxyOutputs: [newer as typeof older & object] })
    await merge(table, { proxyOutputs: [older as typeof newer & object] })
    expect(await outputsOf(table)).toEqual([newer])
    await merge(table, { elements: [elementRow({ version_order: "2", state: "done" })] })
    await merge(table, { elements: [elementRow({ version_order: "1", state: "failed" })] })
    expect(await elementsOf(table)).toMatchObject([{ version_order: "2", state: "done" }])
  })

  it("gives the same table for any order and any repeats, equal times included", async () => {
    const outputs = fc.record({ id: fc.nat(2), second: fc.nat(2), size: fc.nat(2) })
    const elements = fc.record({ key: fc.nat(2), order: fc.nat(2), code: fc.option(fc.constantFrom("a", "b")) })
    const batches = fc.array(fc.tuple(outputs, elements), { minLength: 1, maxLength: 12 })
    const shuffled = batches.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 })),
    )
    await fc.assert(
      fc.asyncProperty(shuffled, async ([once, twice]) => {
        const tables = await Promise.all([once, twice].map((rows) => folded(open, rows)))
        expect(tables[1]).toEqual(tables[0])
      }),
      { numRuns: limits.orders ?? 25 },
    )
  })

  it("keeps large sizes, fractions, quotes and every script", async () => {
    const { table } = await open()
    const row = proxyOutput({
      s3_key: `it's "été" 日本 🎞 %_\\ \n\t;-- \u0001`,
      source_size_bytes: 2 ** 53 - 1,
      processing_time_seconds: 0.1,
      asset_id: "",
    })
    const element = elementRow({ key: row.s3_key, failure_says: "'); DROP TABLE elements; --", attempts: 0 })
    await merge(table, { proxyOutputs: [row], elements: [element] })
    expect(await outputsOf(table)).toEqual([row])
    expect(unwrap(await table.element("bucket", row.s3_key))).toEqual(element)
  })

  it(limits.keepsNul ? "keeps a NUL inside a text" : "refuses a NUL inside a text", async () => {
    const { table } = await open()
    const row = proxyOutput({ s3_key: "a\0b" })
    const merged = await table.merge({ proxyOutputs: [row], elements: [] })
    if (limits.keepsNul) expect(await outputsOf(table)).toEqual([row])
    else expect(failureOf(merged)).toMatchObject({ code: "table/refused" })
  })
}

type Seed = readonly [
  { readonly id: number; readonly second: number; readonly size: number },
  { readonly key: number; readonly order: number; readonly code: string | null },
]

async function folded(open: TableSuite["open"], seeds: readonly Seed[]): Promise<unknown> {
  const { table } = await open()
  for (const [output, element] of seeds) {
    const row = proxyOutput({
      proxy_id: `p${output.id}`,
      generated_timestamp: at(output.second),
      proxy_size_bytes: output.size,
    })
    const { key, order, code } = element
    await merge(table, {
      proxyOutputs: [row],
      elements: [elementRow({ key: `k${key}`, version_order: `${order}`, failure_code: code })],
    })
  }
  return [await outputsOf(table), await elementsOf(table)]
}

export function queryCases({ open }: TableSuite): void {
  it("lists outputs by bucket, key and time", async () => {
    const { table } = await open()
    const names = [
      ["b", "a", 1],
      ["a", "z", 1],
      ["a", "b", 2],
      ["a", "b", 1],
      ["a", "B", 1],
    ] as const
    await merge(table, {
      proxyOutputs: names.map(([s3_bucket, s3_key, second], index) =>
        proxyOutput({ proxy_id: `p${index}`, s3_bucket, s3_key, generated_timestamp: at(second) }),
      ),
    })
    expect((await outputsOf(table)).map(({ proxy_id }) => proxy_id)).toEqual(["p4", "p3", "p2", "p1", "p0"])
  })

  it("finds elements by state, bucket and prefix, in key order", async () => {
    const { table } = await open()
    await merge(table, {
      elements: [
        elementRow({ key: "sh_010/b.exr", state: "failed" }),
        elementRow({ key: "sh_010/a.exr", state: "done" }),
        elementRow({ key: "shX010/c.exr", state: "queued" }),
        elementRow({ key: "SH_010/d.exr", state: "done" }),
        elementRow({ bucket: "other", key: "sh_010/e.exr", state: "failed" }),
        elementRow({ bucket: "other", key: "f.exr", state: "dismissed" }),
      ],
    })
    const keys = async (query: Parameters<typeof table.elements>[0]) =>
      (await elementsOf(table, query)).map(({ bucket, key }) => `${bucket}/${key}`)
    expect(await keys({})).toEqual([
      "bucket/SH_010/d.exr",
      "bucket/shX010/c.exr",
      "bucket/sh_010/a.exr",
      "bucket/sh_010/b.exr",
      "other/f.exr",
      "other/sh_010/e.exr",
    ])
    expect(await keys({ states: ["dismissed"] })).toEqual(["other/f.exr"])
    expect(await keys({ prefix: "sh_010/" })).toEqual([
      "bucket/sh_010/a.exr",
      "bucket/sh_010/b.exr",
      "other/sh_010/e.exr",
    ])
    expect(await keys({ states: ["failed", "queued"], bucket: "bucket" })).toEqual([
      "bucket/shX010/c.exr",
      "bucket/sh_010/b.exr",
    ])
    expect(await keys({ states: [] })).toEqual([])
    const queries: readonly Parameters<typeof table.elements>[0][] = [
      {},
      { prefix: "sh_010/" },
      { states: ["failed", "queued"], bucket: "bucket" },
      { states: [] },
    ]
    for (const query of queries) expect(unwrap(await table.countElements(query))).toBe((await keys(query)).length)
  })
}

export function currentCases({ open }: TableSuite): void {
  const current = async (table: Table): Promise<readonly string[]> => {
    const rows: string[] = []
    for await (const row of table.currentOutputs()) rows.push(unwrap(row).proxy_id)
    return rows
  }

  it("shows one output of each live object: of a replaced source the newest", async () => {
    const { table } = await open()
    await merge(table, {
      proxyOutputs: [
        proxyOutput({ proxy_id: "b1", s3_key: "b", file_id: "1", generated_timestamp: at(1) }),
        proxyOutput({ proxy_id: "b2", s3_key: "b", file_id: "2", generated_timestamp: at(2) }),
        proxyOutput({ proxy_id: "a", s3_key: "a" }),
        proxyOutput({ proxy_id: "unknown", s3_key: "c" }),
      ],
      elements: [elementRow({ key: "a", file_id: null, state: "queued" }), elementRow({ key: "b", file_id: "2" })],
    })
    expect(await current(table)).toEqual(["a", "b2", "unknown"])
    expect(await outputsOf(table)).toHaveLength(4)
  })

  it("shows the version that the object's row names, whatever the clocks of those who made them said", async () => {
    const { table } = await open()
    await merge(table, {
      proxyOutputs: [
        proxyOutput({ proxy_id: "ahead", file_id: "1", generated_timestamp: at(59) }),
        proxyOutput({ proxy_id: "true", file_id: "2", generated_timestamp: at(2) }),
      ],
      elements: [elementRow({ file_id: "2" })],
    })
    expect(await current(table)).toEqual(["true"])
  })

  it("shows nothing of objects that are gone, and shows them again when they come back", async () => {
    const { table } = await open()
    const gone = { state: "removed", file_id: null, version_order: "2" } as const
    const lost = { state: "failed", failure_code: "source/gone", version_order: "2" } as const
    await merge(table, {
      proxyOutputs: ["a", "b", "c"].map((name) => proxyOutput({ proxy_id: name, s3_key: name })),
      elements: [
        elementRow({ key: "a", ...gone }),
        elementRow({ key: "b", ...lost }),
        elementRow({ key: "c", state: "failed", failure_code: "picture/damaged" }),
      ],
    })
    expect(await current(table)).toEqual(["c"])
    await merge(table, { elements: [elementRow({ key: "a", version_order: "3" })] })
    expect(await current(table)).toEqual(["a", "c"])
    expect(await outputsOf(table)).toHaveLength(3)
  })
}

export function readCases({ open }: TableSuite): void {
  it("finds one element, or none", async () => {
    const { table } = await open()
    await merge(table, { elements: [elementRow({ key: "a.exr" })] })
    expect(unwrap(await table.element("bucket", "a.exr"))).toEqual(elementRow({ key: "a.exr" }))
    expect(unwrap(await table.element("bucket", "b.exr"))).toBeNull()
  })

  it("reads on undisturbed while rows are merged", async () => {
    const { table } = await open()
    const rows = Array.from({ length: 2500 }, (_, index) => proxyOutput({ proxy_id: `p${index}`, s3_key: `k${index}` }))
    await merge(table, { proxyOutputs: rows })
    let count = 0
    for await (const row of table.proxyOutputs()) {
      unwrap(row)
      if (count++ % 500 === 0)
        await merge(table, { proxyOutputs: [proxyOutput({ proxy_id: `new${count}`, s3_key: "zz" })] })
    }
    expect(count).toBeGreaterThanOrEqual(2500)
    expect((await outputsOf(table)).length).toBe(2505)
  })
}
