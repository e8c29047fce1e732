import { describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { merge, type OpenTable, opener, outputsOf, type TableLimits } from "./testing/harness.ts"
import { inspectionCases, inspectionRebuildCases, inspectionTextCases } from "./testing/inspecting.ts"
import { currentCases, mergeCases, queryCases, readCases } from "./testing/merging.ts"
import { outputPageCases, rowPageCases, tileCases, tilePageCases } from "./testing/paging.ts"
import { rebuildCases, swapCases } from "./testing/rebuilding.ts"
import { proxyOutput } from "./testing/rows.ts"
import { sequenceCases } from "./testing/sequences.ts"

export type { OpenTable, TableLimits, TableUnderTest } from "./testing/harness.ts"

/** What every table promises: the whole suite runs against each adapter, each test on a table of its own. */
export function tableContract(name: string, open: OpenTable, limits: TableLimits): void {
  const suite = { open: opener(open, true), limits }
  const declared = limits.deviations.length === 0 ? "no deviations" : limits.deviations.join("; ")
  describe(`table: ${name} (${declared})`, () => {
    describe("merging", () => mergeCases(suite))
    describe("queries", () => {
      queryCases(suite)
      readCases(suite)
    })
    describe("pages", () => {
      outputPageCases(suite)
      rowPageCases(suite)
    })
    describe("tiles", () => {
      tileCases(suite)
      tilePageCases(suite)
    })
    describe("what is current", () => currentCases(suite))
    describe("rebuild", () => {
      rebuildCases(suite)
      swapCases(suite)
    })
    describe("rows of sequences", () => sequenceCases(suite))
    describe("rows about headers", () => {
      inspectionCases(suite)
      inspectionTextCases(suite)
      inspectionRebuildCases(suite)
    })
    describe("creation and outages", () => worldCases(open))
  })
}

function worldCases(open: OpenTable): void {
  it("creates what is absent, as often as it is asked, and keeps the rows", async () => {
    const { table } = await opener(open, false)()
    unwrap(await table.ensure())
    await merge(table, { proxyOutputs: [proxyOutput()] })
    unwrap(await table.ensure())
    expect(await outputsOf(table)).toEqual([proxyOutput()])
  })

  it("adds a column that an older version did not know", async () => {
    const { table, makeOlder } = await opener(open, false)()
    await makeOlder()
    unwrap(await table.ensure())
    await merge(table, { proxyOutputs: [proxyOutput()] })
    expect(await outputsOf(table)).toEqual([proxyOutput()])
  })

  it("says that an absent table is absent", async () => {
    const { table } = await opener(open, false)()
    expect(failureOf(await table.merge({ proxyOutputs: [proxyOutput()], elements: [] }))).toMatchObject({
      code: "table/refused",
    })
    for await (const row of table.proxyOutputs()) expect(failureOf(row)).toMatchObject({ code: "table/refused" })
  })

  it("gives an outage back as a value, merges nothing of it, and is well afterwards", async () => {
    const { table, breakDown } = await opener(open, true)()
    const heal = await breakDown()
    const rows = Array.from({ length: 2000 }, (_, index) => proxyOutput({ proxy_id: `p${index}` }))
    expect(failureOf(await table.merge({ proxyOutputs: rows, elements: [] }))).toMatchObject({
      code: "table/unreachable",
      kind: "outage",
    })
    await heal()
    expect(await outputsOf(table)).toEqual([])
    await merge(table, { proxyOutputs: rows })
    expect(await outputsOf(table)).toHaveLength(2000)
  })
}
