import { expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { type Reached, type SequenceRow, sequenceOrder } from "../sequence-rows.ts"
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
    const made: Reached = { state: "made", madeAtUs: 3_000_000, copy: "none" }
    const said: readonly (readonly [number, string, Reached])[] = [
      [1, "ff", made],
      [2, "aa", made],
      [2, "aa", { state: "settled" }],
      [1, "ff", { state: "settled" }],
    ]
    const rows = said.map(([asOfMs, revision, reached]) => rowAt(asOfMs, revision, reached))
    for (const order of [rows, rows.toReversed()]) {
      for (const row of order) await merge(table, { sequences: [row] })
      expect(await sequencesOf(table)).toEqual([rows[1]])
    }
  })

  it("keeps of one revision the movie that was made last, and of it what became of its copy", async () => {
    const { table } = await open()
    const at = (madeAtUs: number, copy: "none" | "failed" | "made") =>
      rowAt(1, "aa", { state: "made", madeAtUs, copy }, { review_key: copy === "made" ? `copy ${madeAtUs}` : null })
    const rows = [at(1, "made"), at(2, "none"), at(2, "made"), at(2, "failed")]
    for (const order of [rows, rows.toReversed()]) {
      for (const row of order) await merge(table, { sequences: [row] })
      expect(await sequencesOf(table)).toEqual([rows[2]])
    }
  })

  it("puts a movie over what a version before told of it", async () => {
    const { table } = await open()
    const before = sequenceRow({ version_order: "000000000000001~aa|2", revision: "aa" })
    const now = rowAt(1, "aa", { state: "made", madeAtUs: 1, copy: "none" }, { movie_frames: 3 })
    await merge(table, { sequences: [now, before] })
    expect(await sequencesOf(table)).toEqual([now])
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

const rowAt = (asOfMs: number, revision: string, reached: Reached, with_: Partial<SequenceRow> = {}): SequenceRow =>
  sequenceRow({ version_order: sequenceOrder(asOfMs, revision, reached), revision, state: reached.state, ...with_ })
