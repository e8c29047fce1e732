import fc from "fast-check"
import { expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import type { Table } from "../index.ts"
import { ATTRIBUTES, CHANNELS, FILES, type InspectionTable, PARTS } from "../inspection-columns.ts"
import type { Inspection } from "../rows.ts"
import { merge, type TableSuite } from "./harness.ts"
import { elementRow, inspection, proxyOutput } from "./rows.ts"

const at = (seconds: number): string => `2026-04-01T00:00:${String(seconds).padStart(2, "0")}.000000+00:00`

const found = async (table: Pick<Table, "inspection">, { file }: Inspection): Promise<Inspection | null> =>
  unwrap(await table.inspection(file.s3_bucket, file.file_id))

const names = ({ columns }: InspectionTable): readonly string[] => columns.map(({ name }) => name)

export function inspectionCases({ open }: TableSuite): void {
  it("gives all rows of a header back, with their columns in their order", async () => {
    const { table } = await open()
    const given = inspection(
      { frame_number: null, is_deep: true },
      {
        attributes: [
          { attr_name: "a", value_int: -7 },
          { attr_name: "b", value_float: 0.1 },
        ],
      },
    )
    await merge(table, { inspections: [given, inspection({ file_id: "another" })] })
    const back = await found(table, given)
    expect(back).toEqual(given)
    const rows = [back?.file, back?.parts[0], back?.channels[0], back?.attributes[0]]
    expect(rows.map((row) => Object.keys(row ?? {}))).toEqual([FILES, PARTS, CHANNELS, ATTRIBUTES].map(names))
  })

  it("finds none for a version that was not inspected, or only in another bucket", async () => {
    const { table } = await open()
    const [here, there] = [inspection({ s3_bucket: "here" }), inspection({ s3_bucket: "there" }, { channels: ["Y"] })]
    await merge(table, { inspections: [here, there] })
    expect([await found(table, here), await found(table, there)]).toEqual([here, there])
    expect(unwrap(await table.inspection("elsewhere", here.file.file_id))).toBeNull()
  })

  it("replaces all rows of a version with those of a later inspection, and none with those of an earlier one", async () => {
    const { table } = await open()
    const [first, second] = [
      inspection(
        { inspection_timestamp: at(1) },
        { channels: ["A", "B", "G", "R"], attributes: [{}, { attr_name: "x" }] },
      ),
      inspection({ inspection_timestamp: at(2) }, { channels: ["Y"], attributes: [] }),
    ]
    await merge(table, { inspections: [first] })
    await merge(table, { inspections: [second] })
    expect(await found(table, first)).toEqual(second)
    await merge(table, { inspections: [first] })
    expect(await found(table, first)).toEqual(second)
  })

  it("keeps the rows of one header however often it is merged, also within one batch", async () => {
    const { table } = await open()
    const given = inspection({}, { attributes: [{}, {}] })
    await merge(table, { inspections: [given, given] })
    await merge(table, { inspections: [given] })
    expect(await found(table, given)).toEqual(given)
  })
}

export function inspectionTextCases({ open, limits }: TableSuite): void {
  it("keeps every script, quotes and long texts in all columns", async () => {
    const { table } = await open()
    const text = `it's "été" 日本 🎞 \\ \n\t;-- \u0001 ${"x".repeat(20_000)}`
    const given = inspection(
      { file_path: text, file_path_normalized: text },
      { channels: [text], attributes: [{ attr_name: text, value_text: text, value_json: JSON.stringify(text) }] },
    )
    await merge(table, { inspections: [given] })
    expect(await found(table, given)).toEqual(given)
  })

  it("gives the same rows for any order and any repeats of inspections", async () => {
    const seeds = fc.array(fc.record({ id: fc.nat(1), second: fc.nat(2), hash: fc.nat(2) }), {
      minLength: 1,
      maxLength: 8,
    })
    const shuffled = seeds.chain((once) =>
      fc.tuple(fc.constant(once), fc.shuffledSubarray([...once, ...once], { minLength: once.length * 2 })),
    )
    await fc.assert(
      fc.asyncProperty(shuffled, async (orders) => {
        const tables = await Promise.all(orders.map((order) => folded(open, order)))
        expect(tables[1]).toEqual(tables[0])
      }),
      { numRuns: limits.orders ?? 15 },
    )
  })
}

type Seed = { readonly id: number; readonly second: number; readonly hash: number }

const grown = ({ id, second, hash }: Seed): Inspection =>
  inspection(
    { file_id: `f${id}`, inspection_timestamp: at(second), header_hash: `h${hash}` },
    { channels: Array.from({ length: second * 3 + hash }, (_, index) => `c${index}`) },
  )

async function folded(open: TableSuite["open"], seeds: readonly Seed[]): Promise<unknown> {
  const { table } = await open()
  for (const seed of seeds) await merge(table, { inspections: [grown(seed)] })
  return [unwrap(await table.inspection("bucket", "f0")), unwrap(await table.inspection("bucket", "f1"))]
}

const PROJECTOR = { group: "projector", at: [] } as const

export function inspectionRebuildCases({ open }: TableSuite): void {
  it("rebuilds the rows of headers and says what differed", async () => {
    const { table } = await open()
    const [same, changed, orphan, missing] = ["same", "changed", "orphan", "missing"].map((file_id) =>
      inspection({ file_id }),
    ) as [Inspection, Inspection, Inspection, Inspection]
    const was = inspection({ file_id: "changed", header_hash: "another" }, { channels: ["B", "G", "R", "stale"] })
    await merge(table, { inspections: [same, was, orphan], elements: [elementRow()], proxyOutputs: [proxyOutput()] })
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { inspections: [same, changed], elements: [elementRow()], proxyOutputs: [proxyOutput()] })
    await merge(rebuild, { inspections: [missing] })
    // A header of these has six rows; the changed one has another row in files and a channel too many.
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({ rows: 20, missing: 6, different: 1, orphaned: 7 })
    await rebuild.close()
    expect(await Promise.all([same, changed, missing, orphan].map((one) => found(table, one)))).toEqual([
      same,
      changed,
      missing,
      null,
    ])
  })

  it("keeps the latest of several inspections of one version in a rebuild, whatever their order", async () => {
    const { table } = await open()
    const seeds = [2, 0, 1].map((second) => ({ id: 0, second, hash: 0 }))
    const rebuild = unwrap(await table.rebuild())
    for (const seed of seeds) await merge(rebuild, { inspections: [grown(seed), grown({ ...seed, id: 1 })] })
    unwrap(await rebuild.replace(PROJECTOR))
    await rebuild.close()
    const latest = grown({ id: 0, second: 2, hash: 0 })
    expect(await found(table, latest)).toEqual(latest)
    await merge(table, { inspections: [grown({ id: 0, second: 1, hash: 0 })] })
    expect(await found(table, latest)).toEqual(latest)
  })
}
