import { afterEach, describe, expect, it } from "vitest"
import { failed, failure } from "../src/events/result.ts"
import type { Table } from "../src/table/index.ts"
import { exr, pairsInSqlite, rowsOfEveryFate } from "./driver/headers.ts"
import { type Driver, drive } from "./driver/index.ts"

let driver: Driver | null = null
afterEach(async () => {
  await driver?.close()
  driver = null
})

it("the contract's join gives each version of a header with the proxy that was made of it", async () => {
  const [pairs = [], within = []] = await pairsInSqlite(await rowsOfEveryFate())
  const named = (found: typeof pairs) =>
    found.map(([, bucket, path, , proxyBucket]) => [bucket, path, proxyBucket].join(" "))
  const a = "sh010/a.0001.exr"
  expect(named(within).toSorted()).toEqual([
    `archive ${a} archive`,
    `show ${a} show`,
    "show sh010/b.0001.exr show",
    "show sh010/b.0001.exr show",
  ])
  expect(new Set(within.map(([fileId]) => fileId)).size).toBe(3)
  // Without the bucket a copy's header also meets the original's proxy: why s3_bucket was appended to the four tables.
  expect(named(pairs)).toHaveLength(within.length + 2)
})

/** A database that takes rows about headers only when it is told to. */
const withoutHeaders = (table: Table, isDown: () => boolean): Table => ({
  ...table,
  merge: async (rows) =>
    isDown() && (rows.inspections?.length ?? 0) > 0
      ? failed(failure("table/unreachable", "The four tables are being altered."))
      : table.merge(rows),
})

describe("the tables about headers", () => {
  it("lag by themselves: a proxy has its row, and is told of, while they take none", async () => {
    let isDown = true
    driver = await drive({ inspector: true, table: (table) => withoutHeaders(table, () => isDown) })
    for (const key of ["a.exr", "b.exr"]) {
      await driver.puts(key, exr("B", "G", "R"))
      await driver.arrives({ key })
    }
    await driver.passes(600_000)
    expect((await driver.rows()).map(({ s3_key }) => s3_key)).toEqual(["a.exr", "b.exr"])
    expect(driver.told).toHaveLength(2)
    expect([await driver.lag("projector"), await driver.lag("projector-metadata")]).toEqual([0, 2])
    isDown = false
    await driver.passes(600_000)
    expect(await driver.lag("projector-metadata")).toBe(0)
  })

  it("are filled while a three-minute render runs and the only place to render is taken", async () => {
    driver = await drive({ inspector: true, policy: { rendersInFlight: 1, sourcesHeld: 1, credits: 2 } })
    await driver.puts("slow.exr", "slow 180000")
    await driver.arrives({ key: "slow.exr" })
    const begunMs = (await driver.facts("element-created"))[0]?.recordedAtMs ?? 0
    for (const key of ["a.exr", "b.exr", "c.exr"]) {
      await driver.puts(key, exr("B", "G", "R"))
      await driver.arrives({ key })
    }
    expect(driver.picture.rendered).toEqual(["slow 180000"])
    const inspected = await driver.facts("source-inspected")
    expect(inspected.map(({ element }) => element.key)).toEqual(["a.exr", "b.exr", "c.exr"])
    for (const { recordedAtMs } of inspected) expect(recordedAtMs - begunMs).toBe(0)
    expect(await driver.lag("projector-metadata")).toBe(0)
    await driver.passes(200_000)
    expect(await driver.rows()).toHaveLength(4)
  })
})
