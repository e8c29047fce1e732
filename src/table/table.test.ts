import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { openState } from "../state/index.ts"
import { systemClock as clock } from "../system/clock.ts"
import { type TableUnderTest, tableContract } from "./contract.ts"
import { PROXY_OUTPUT_COLUMNS } from "./rows.ts"
import { openSqliteTable } from "./sqlite.ts"
import { createStatement, PROXY_OUTPUTS } from "./sqlite-schema.ts"
import { merge, outputsOf } from "./testing/harness.ts"
import { elementRow, proxyOutput, sequenceRow } from "./testing/rows.ts"

tableContract("sqlite", open, { keepsNul: true, deviations: ["one writing process"] })

async function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), "table-"))
  const own = unwrap(await openState({ folder, mode: "own", clock }))
  const read = unwrap(await openState({ folder, mode: "read", clock }))
  const dispose = async (): Promise<void> => {
    read.close()
    own.close()
    rmSync(folder, { recursive: true })
  }
  return { own, read, dispose }
}

async function open(): Promise<TableUnderTest> {
  const { own, read, dispose } = await openFolder()
  return {
    table: openSqliteTable({ state: own }),
    reader: openSqliteTable({ state: read }),
    makeOlder: async () => {
      const older = { ...PROXY_OUTPUTS, columns: PROXY_OUTPUTS.columns.slice(0, -1) }
      unwrap(await own.write("table", () => void own.sql(createStatement(older, older.name)).run()))
    },
    positionOf: async (group, topic) => own.groups.committed(group, topic),
    breakDown: async () => {
      const pages = Number(own.sql("PRAGMA page_count").get()?.page_count)
      own.sql(`PRAGMA max_page_count = ${pages}`).get()
      return async () => void own.sql("PRAGMA max_page_count = 1073741823").get()
    },
    dispose,
  }
}

describe("sqlite table", () => {
  const opened = async () => {
    const files = await openFolder()
    onTestFinished(files.dispose)
    const table = openSqliteTable({ state: files.own })
    unwrap(await table.ensure())
    return { ...files, table }
  }

  it("has exactly the columns of the contract", async () => {
    const { own } = await opened()
    const columns = own.sql("PRAGMA table_info(proxy_outputs)").all()
    expect(columns.map(({ name }) => name)).toEqual([...PROXY_OUTPUT_COLUMNS])
  })

  it("keeps views and indexes that people made, through a rebuild", async () => {
    const { own, table } = await opened()
    own.sql("CREATE VIEW sizes AS SELECT s3_key, proxy_size_bytes FROM proxy_outputs").run()
    own.sql("CREATE INDEX by_key ON proxy_outputs(s3_key)").run()
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { proxyOutputs: [proxyOutput()] })
    unwrap(await rebuild.replace({ group: "projector", at: [] }))
    expect(own.sql("SELECT * FROM sizes").all()).toHaveLength(1)
    expect(own.sql("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").all()).toContainEqual({
      name: "by_key",
    })
  })

  it("has a view of what is current, which a rebuild swaps the tables below", async () => {
    const { own, table } = await opened()
    const versions = [1, 2].map((second) =>
      proxyOutput({ proxy_id: `${second}`, generated_timestamp: `2026-04-01T00:00:0${second}.000000+00:00` }),
    )
    await merge(table, { proxyOutputs: versions })
    const current = () => own.sql("SELECT * FROM proxy_outputs_current").all()
    expect(current()).toMatchObject([versions[1] as object])
    expect(Object.keys(current()[0] ?? {})).toEqual([...PROXY_OUTPUT_COLUMNS])
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { proxyOutputs: versions.slice(0, 1) })
    unwrap(await rebuild.replace({ group: "projector", at: [] }))
    await rebuild.close()
    unwrap(await table.ensure())
    expect(current()).toMatchObject([versions[0] as object])
  })

  it("has the tiles that merging left, made anew, also behind a rebuild", async () => {
    const { own, table } = await opened()
    const rows = {
      proxyOutputs: ["a.exr", "s/b.1.exr"].map((key) => proxyOutput({ s3_key: key, proxy_id: key })),
      elements: [
        ...["a.exr", "s/b.1.exr", "s/b.2.exr"].map((key) => elementRow({ key })),
        elementRow({ key: "f.exr", state: "failed" }),
      ],
      sequences: [sequenceRow({ folder: "s/", head: "b." })],
    }
    const tiles = () => own.sql("SELECT * FROM tiles").all()
    await merge(table, rows)
    const followed = tiles()
    expect(followed.map(({ name }) => name)).toEqual(["a.exr", "f.exr", "s/b.#.exr"])
    own.sql("DROP TRIGGER tiles_element_new").run()
    unwrap(await table.ensure())
    expect(tiles()).toEqual(followed)
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, rows)
    unwrap(await rebuild.replace({ group: "projector", at: [] }))
    expect(tiles()).toEqual(followed)
    await merge(table, { elements: [elementRow({ key: "f.exr", state: "removed", version_order: "9" })] })
    expect(tiles()).toHaveLength(2)
  })

  it("rebuilds a table that was dropped", async () => {
    const { own, table } = await opened()
    own.sql("DROP TABLE proxy_outputs").run()
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { proxyOutputs: [proxyOutput()] })
    expect(unwrap(await rebuild.replace({ group: "projector", at: [] }))).toMatchObject({ rows: 1, missing: 1 })
    expect(await outputsOf(table)).toEqual([proxyOutput()])
  })

  it("names and drops what a rebuild left behind that died, and nothing of one that is under way", async () => {
    const { own, table } = await opened()
    await merge(unwrap(await table.rebuild()), { proxyOutputs: [proxyOutput()] })
    expect(unwrap(await table.leftovers())).toEqual([])
    expect(unwrap(await table.dropLeftovers())).toEqual([])
    const later = openSqliteTable({ state: own })
    const names = unwrap(await later.leftovers())
    expect(names).toContain("rebuilt_proxy_outputs")
    expect(unwrap(await later.dropLeftovers())).toEqual(names)
    expect(unwrap(await later.leftovers())).toEqual([])
    expect(await outputsOf(later)).toEqual([])
  })

  it("drops what a rebuild left behind that died", async () => {
    const { own, table } = await opened()
    await merge(unwrap(await table.rebuild()), { proxyOutputs: [proxyOutput()] })
    const rebuild = unwrap(await openSqliteTable({ state: own }).rebuild())
    expect(unwrap(await rebuild.replace({ group: "projector", at: [] }))).toMatchObject({ rows: 0 })
  })

  it("never moves a projector past what it has not told anybody yet", async () => {
    const { own, table } = await opened()
    unwrap(await own.write("log", () => own.groups.move("projector", "proxy-made", 3)))
    const claim = own.groups.claim("projector", "proxy-made")
    const rebuild = unwrap(await table.rebuild())
    unwrap(await rebuild.replace({ group: "projector", at: [{ topic: "proxy-made", partition: 0, offset: 9 }] }))
    expect(own.groups.committed("projector", "proxy-made")).toBe(3)
    expect(claim.aborted).toBe(true)
  })

  it("refuses to write through a state that is open for reading", async () => {
    const { read } = await opened()
    const table = openSqliteTable({ state: read })
    expect(failureOf(await table.merge({ proxyOutputs: [proxyOutput()], elements: [] }))).toMatchObject({
      code: "table/refused",
    })
    expect(await outputsOf(table)).toEqual([])
  })
})
