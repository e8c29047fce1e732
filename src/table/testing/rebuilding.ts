import { expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { Rebuild } from "../index.ts"
import { elementsOf, merge, outputsOf, type TableSuite } from "./harness.ts"
import { elementRow, proxyOutput } from "./rows.ts"

const PROJECTOR = { group: "projector", at: [{ topic: "proxy-made", partition: 0, offset: 2 }] } as const

const output = (name: string, proxy_size_bytes = 1) => proxyOutput({ proxy_id: name, s3_key: name, proxy_size_bytes })

async function rebuilt(rebuild: Rebuild, ...names: string[]): Promise<void> {
  await merge(rebuild, {
    proxyOutputs: names.map((name) => output(name)),
    elements: names.map((key) => elementRow({ key })),
  })
}

export function rebuildCases({ open }: TableSuite): void {
  it("puts rebuilt rows in place of the live ones and says what differed", async () => {
    const { table } = await open()
    await merge(table, {
      proxyOutputs: [output("same"), output("different", 99), output("orphan")],
      elements: ["same", "different", "orphan"].map((key) => elementRow({ key })),
    })
    const rebuild = unwrap(await table.rebuild())
    await rebuilt(rebuild, "same", "different", "missing")
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({ rows: 6, missing: 2, different: 1, orphaned: 2 })
    await rebuild.close()
    expect(await outputsOf(table)).toEqual(["different", "missing", "same"].map((name) => output(name)))
    expect((await elementsOf(table)).map(({ key }) => key)).toEqual(["different", "missing", "same"])
  })

  it("finds nothing to do for a table that is right", async () => {
    const { table } = await open()
    await merge(table, { proxyOutputs: [output("a")], elements: [elementRow({ key: "a" })] })
    const rebuild = unwrap(await table.rebuild())
    await rebuilt(rebuild, "a")
    await rebuilt(rebuild, "a")
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({ rows: 2, missing: 0, different: 0, orphaned: 0 })
    await rebuild.close()
  })

  it("changes nothing when it is closed before it replaced", async () => {
    const { table } = await open()
    await merge(table, { proxyOutputs: [output("live")] })
    const rebuild = unwrap(await table.rebuild())
    await rebuilt(rebuild, "other")
    await rebuild.close()
    await rebuild.close()
    expect(await outputsOf(table)).toEqual([output("live")])
    const next = unwrap(await table.rebuild())
    expect(unwrap(await next.replace(PROJECTOR))).toMatchObject({ rows: 0, orphaned: 1 })
    await next.close()
  })
}

export function swapCases({ open }: TableSuite): void {
  it("shows readers the old rows or the new ones, never less", async () => {
    const { table, reader } = await open()
    const rows = (proxy_size_bytes: number) =>
      Array.from({ length: 1500 }, (_, index) => output(`k${index}`, proxy_size_bytes))
    await merge(table, { proxyOutputs: rows(1) })
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { proxyOutputs: rows(2) })
    const seen: number[] = []
    let replaced: ReturnType<Rebuild["replace"]> | null = null
    for await (const row of reader.proxyOutputs()) {
      seen.push(unwrap(row).proxy_size_bytes)
      if (seen.length === 10) replaced = rebuild.replace(PROJECTOR)
    }
    unwrap(await (replaced as ReturnType<Rebuild["replace"]>))
    await rebuild.close()
    expect(seen).toEqual(Array(1500).fill(1))
    expect((await outputsOf(reader)).map(({ proxy_size_bytes }) => proxy_size_bytes)).toEqual(Array(1500).fill(2))
  })

  it("goes on taking in rows after a rebuild", async () => {
    const { table } = await open()
    const rebuild = unwrap(await table.rebuild())
    await rebuilt(rebuild, "a")
    unwrap(await rebuild.replace(PROJECTOR))
    await rebuild.close()
    await merge(table, { proxyOutputs: [output("b"), output("a")], elements: [elementRow({ key: "b" })] })
    expect((await outputsOf(table)).map(({ s3_key }) => s3_key)).toEqual(["a", "b"])
    expect(await elementsOf(table)).toHaveLength(2)
  })

  it("lets one rebuild run at a time", async () => {
    const { table } = await open()
    const first = unwrap(await table.rebuild())
    expect(failureOf(await table.rebuild())).toMatchObject({ code: "table/conflict", kind: "transient" })
    await first.close()
    await unwrap(await table.rebuild()).close()
  })

  it("has the projector read on from the covered position", async (test) => {
    const { table, positionOf } = await open()
    if (positionOf === null) return test.skip("log and table do not share a database")
    const rebuild = unwrap(await table.rebuild())
    unwrap(await rebuild.replace(PROJECTOR))
    await rebuild.close()
    expect(await positionOf("projector", "proxy-made")).toBe(2)
  })
}
