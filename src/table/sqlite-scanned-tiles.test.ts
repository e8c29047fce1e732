import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { openState } from "../state/index.ts"
import { systemClock as clock } from "../system/clock.ts"
import type { TilesQuery } from "./pages.ts"
import { openSqliteTable } from "./sqlite.ts"
import { scannedTilesPage } from "./sqlite-scanned-tiles.ts"
import { tilesPage } from "./sqlite-tiles-page.ts"
import { merge } from "./testing/harness.ts"
import { elementRow, proxyOutput } from "./testing/rows.ts"

const SLICE = 3

async function opened() {
  const folder = mkdtempSync(join(tmpdir(), "tiles-"))
  const state = unwrap(await openState({ folder, mode: "own", clock }))
  onTestFinished(() => {
    state.close()
    rmSync(folder, { recursive: true })
  })
  const table = openSqliteTable({ state })
  unwrap(await table.ensure())
  return { state, table }
}

/** Three at each moment, so that slices end within one. */
const frame = (index: number) => {
  const key = `${index % 2 === 0 ? "even" : "odd"}/${String(index).padStart(2, "0")}.exr`
  return {
    proxyOutputs: [proxyOutput({ s3_key: key, proxy_id: key })],
    elements: [elementRow({ key, changed_at_ms: 1000 - Math.floor(index / 3) })],
  }
}

const frames = (count: number) => {
  const all = Array.from({ length: count }, (_, index) => frame(index))
  return { proxyOutputs: all.flatMap((one) => one.proxyOutputs), elements: all.flatMap((one) => one.elements) }
}

describe("tiles that are looked for slice by slice", () => {
  const orders = ["name", "newest"] as const
  const filters = [{ part: "ODD" }, { part: "1" }, { prefix: "even/" }, { part: "none" }, { bucket: "another" }]

  it.each(orders.flatMap((order) => filters.map((filter) => ({ order, ...filter }))))(
    "are those that one look would find, from any place: %o",
    async (filter) => {
      const { state, table } = await opened()
      await merge(table, frames(19))
      let merged = 0
      const places = unwrap(state.read("table", () => tilesPage(state, { ...filter, limit: 50 }))).tiles.map(
        (tile) => ({
          ...tile,
          isShot: tile.kind === "shot",
        }),
      )
      const begins: Partial<TilesQuery>[] = [
        ...[0, 1, 4, 30].map((at) => ({ at })),
        ...places.map((after) => ({ after })),
      ]
      for (const query of begins.flatMap((begin) => [1, 4, 50].map((limit) => ({ ...filter, ...begin, limit })))) {
        const whole = unwrap(state.read("table", () => tilesPage(state, query)))
        expect(unwrap(await scannedTilesPage(state, query, SLICE))).toEqual(whole)
        // Another moment, whose total is not counted yet.
        const version_order = String(++merged).padStart(9, "0")
        await merge(table, { elements: [elementRow({ key: "queued", state: "queued", version_order })] })
        expect(unwrap(await scannedTilesPage(state, query, SLICE))).toEqual(whole)
      }
    },
  )

  it("are of one moment, and leave others their turn", async () => {
    const { state, table } = await opened()
    await merge(table, frames(12))
    const page = scannedTilesPage(state, { order: "name", part: "exr", limit: 50 }, 1)
    let isOver = false
    const over = page.then(() => {
      isOver = true
    })
    const merged = merge(table, frames(30))
    await nextTurn()
    expect(isOver).toBe(false)
    await Promise.all([over, merged])
    expect(unwrap(await page)).toMatchObject({ total: 12 })
    expect(unwrap(await scannedTilesPage(state, { order: "name", part: "exr", limit: 50 }, SLICE)).total).toBe(30)
  })
})
