import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { elementsOf, merge, outputsOf } from "../testing/harness.ts"
import { elementRow, proxyOutput } from "../testing/rows.ts"
import { trinoBench } from "../testing/trino-tables.ts"

const PROJECTOR = { group: "projector", at: [] } as const

const at = (second: number): string => `2026-04-01T00:00:0${second}.000000+00:00`

/** `size` tells where a row comes from. */
const output = (name: string, second: number, size: number) =>
  proxyOutput({ proxy_id: name, s3_key: name, generated_timestamp: at(second), proxy_size_bytes: size })

const [BEFORE, MEANWHILE, REBUILT] = [1, 2, 3]

describe("a rebuild beside a live Trino table", () => {
  it("leaves alone what arrived or was replaced meanwhile, and deletes no such row", async () => {
    const table = await (await trinoBench()).table()
    await merge(table, {
      proxyOutputs: ["orphan", "renewed orphan", "stale", "renewed", "overtaken", "same"].map((name) =>
        output(name, 1, BEFORE),
      ),
    })
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, {
      proxyOutputs: [
        output("stale", 1, REBUILT),
        output("renewed", 1, REBUILT),
        output("overtaken", 5, REBUILT),
        output("same", 1, BEFORE),
        output("missing", 1, REBUILT),
      ],
    })
    await merge(table, {
      proxyOutputs: [
        output("arrived", 2, MEANWHILE),
        output("renewed orphan", 2, MEANWHILE),
        output("renewed", 2, MEANWHILE),
        output("overtaken", 2, MEANWHILE),
      ],
    })
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({ rows: 5, missing: 1, different: 2, orphaned: 1 })
    await rebuild.close()
    expect((await outputsOf(table)).map(({ proxy_id, proxy_size_bytes }) => [proxy_id, proxy_size_bytes])).toEqual([
      ["arrived", MEANWHILE],
      ["missing", REBUILT],
      ["overtaken", REBUILT],
      ["renewed", MEANWHILE],
      ["renewed orphan", MEANWHILE],
      ["same", BEFORE],
      ["stale", REBUILT],
    ])
  })

  it("merges while another process goes on writing, and loses none of its rows", async () => {
    const bench = await trinoBench()
    const [table, projector] = [await bench.table(), await bench.table()]
    const rows = (size: number) => Array.from({ length: 300 }, (_, index) => output(`k${index}`, 1, size))
    await merge(projector, { proxyOutputs: rows(BEFORE) })
    const rebuild = unwrap(await table.rebuild())
    await merge(rebuild, { proxyOutputs: rows(REBUILT) })
    let isWriting = true
    let written = 0
    const writing = (async () => {
      while (isWriting) {
        await merge(projector, { proxyOutputs: [output(`live${++written}`, 2, MEANWHILE)] })
        await sleep(300)
      }
    })()
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({ rows: 300, missing: 0, different: 300, orphaned: 0 })
    isWriting = false
    await writing
    await rebuild.close()
    const sizes = (await outputsOf(table)).map(({ proxy_size_bytes }) => proxy_size_bytes)
    expect(sizes.filter((size) => size === REBUILT)).toHaveLength(300)
    expect(sizes.filter((size) => size === MEANWHILE)).toHaveLength(written)
  })

  it("applies many changes in parts, all of them", async () => {
    const table = await (await trinoBench()).table()
    const elements = (from: number, to: number, attempts: number) =>
      Array.from({ length: to - from }, (_, index) => elementRow({ key: `k${from + index}`, attempts }))
    for (let from = 0; from < 8_000; from += 2_000) await merge(table, { elements: elements(from, from + 2_000, 1) })
    const rebuild = unwrap(await table.rebuild())
    for (let from = 1_000; from < 12_000; from += 1_000)
      await merge(rebuild, { elements: elements(from, from + 1_000, 2) })
    expect(unwrap(await rebuild.replace(PROJECTOR))).toEqual({
      rows: 11_000,
      missing: 4_000,
      different: 7_000,
      orphaned: 1_000,
    })
    await rebuild.close()
    const found = await elementsOf(table)
    expect([found.length, new Set(found.map(({ attempts }) => attempts))]).toEqual([11_000, new Set([2])])
  })

  it("leaves no tables behind, and sweeps those of a rebuild that died, but no others", async () => {
    const bench = await trinoBench()
    const table = await bench.table()
    const [dead, living, others] = [
      "rebuild_1000_00000000_rebuilt_elements",
      `rebuild_${Math.floor(Date.now() / 1000)}_00000000_before_elements`,
      "rebuild_of_somebody",
    ]
    for (const name of [dead, living, others]) await bench.sql(`CREATE TABLE ${bench.schema}.${name} (n bigint)`)
    expect(unwrap(await table.leftovers())).toEqual([dead])
    const rebuild = unwrap(await table.rebuild())
    unwrap(await rebuild.replace(PROJECTOR))
    await rebuild.close()
    const names = (await bench.sql(`SHOW TABLES FROM ${bench.schema} LIKE 'rebuild%'`)).map(([name]) => name)
    expect(names.toSorted()).toEqual([living, others].toSorted())
    await bench.sql(`CREATE TABLE ${bench.schema}.${dead} (n bigint)`)
    expect(unwrap(await table.dropLeftovers())).toEqual([dead])
    expect(unwrap(await table.dropLeftovers())).toEqual([])
    expect(await bench.sql(`SHOW TABLES FROM ${bench.schema} LIKE 'rebuild%'`)).toHaveLength(2)
  })
})
