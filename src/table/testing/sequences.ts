import { expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { sequenceOrder } from "../sequence-rows.ts"
import { merge, sequencesOf, type TableSuite } from "./harness.ts"
import { sequenceRow } from "./rows.ts"

export function sequenceCases({ open }: TableSuite): void {
  it("gives rows of sequences back, in the order of their names", async () => {
    const { table } = await open()
    const rows = ["a.", "b.", "B."].map((head) => sequenceRow({ head }))
    const failed = sequenceRow({ folder: "", state: "failed", movie_key: null, failure_code: "sequence/unlike" })
    await merge(table, { sequences: [...rows, failed, ...rows] })
    expect(await sequencesOf(table)).toEqual([failed, rows[2], rows[0], rows[1]])
  })

  it("keeps of each sequence the later revision, and of one what became of it", async () => {
    const { table } = await open()
    const said = [
      [1, "ff", "made"],
      [2, "aa", "made"],
      [2, "aa", "settled"],
      [1, "ff", "settled"],
    ] as const
    const rows = said.map(([asOfMs, revision, state]) =>
      sequenceRow({ version_order: sequenceOrder(asOfMs, revision, state), revision, state }),
    )
    for (const order of [rows, rows.toReversed()]) {
      for (const row of order) await merge(table, { sequences: [row] })
      expect(await sequencesOf(table)).toEqual([rows[1]])
    }
  })

  it("has the same rows after a rebuild", async () => {
    const { table } = await open()
    const row = sequenceRow()
    await merge(table, { sequences: [row, sequenceRow({ head: "orphan." })] })
    const rebuild = unwrap(await table.rebuild())
    unwrap(await rebuild.merge({ proxyOutputs: [], elements: [], sequences: [row, row] }))
    expect(unwrap(await rebuild.replace())).toMatchObject({ rows: 1, missing: 0, different: 0 })
    expect((await sequencesOf(table)).filter(({ head }) => head === row.head)).toEqual([row])
  })

  it("refuses a row that no table can hold", async () => {
    const { table } = await open()
    const row = sequenceRow({ movie_frames: 2 ** 53 })
    const merged = await table.merge({ proxyOutputs: [], elements: [], sequences: [row] })
    expect(failureOf(merged)).toMatchObject({ code: "table/refused" })
  })
}
