import { describe, expect, it } from "vitest"
import { frame } from "../sheet/testing/sheets.ts"
import type { Tile } from "../sheet/tiles.ts"
import { openTilePages, PAGE_TILES, type TilePage } from "./tile-pages.ts"

const TOTAL = 1_000_000

const tileNumbered = (at: number): Tile => ({ kind: "frame", id: `${at}`, item: frame({ name: `${at}.exr` }) })

const pageAt = (at: number, limit: number, total = TOTAL): TilePage => ({
  tiles: Array.from({ length: Math.min(limit, total - at) }, (_, offset) => tileNumbered(at + offset)),
  total,
})

type Asked = {
  readonly at: number
  readonly signal: AbortSignal
  readonly answer: (page: TilePage | null) => Promise<void>
}

/** Pages whose time and server are the test's. */
function openPages() {
  const asked: Asked[] = []
  let due: (() => void) | null = null
  let changes = 0
  const pages = openTilePages({
    load: (at, _, signal) =>
      new Promise((resolve) => {
        const answer = async (page: TilePage | null): Promise<void> => {
          resolve(page)
          await Promise.resolve()
          await Promise.resolve()
        }
        asked.push({ at, signal, answer })
      }),
    onChange: () => changes++,
    later: (callback) => {
      due = callback
      return () => {
        due = null
      }
    },
  })
  const passes = (): void => {
    const now = due
    due = null
    now?.()
  }
  return { pages, asked, passes, changes: () => changes, isWaiting: () => due !== null }
}

describe("the tiles of a million", () => {
  it("are asked for by position, those that are seen alone", async () => {
    const { pages, asked, passes } = openPages()
    passes()
    await asked[0]?.answer(pageAt(0, PAGE_TILES))
    expect(pages.total()).toBe(TOTAL)
    pages.see(999_950, 999_999)
    passes()
    expect(asked.map(({ at }) => at)).toEqual([0, 999_900])
    expect(pages.tileAt(999_999)).toBeNull()
    await asked[1]?.answer(pageAt(999_900, PAGE_TILES))
    expect(pages.tileAt(999_999)?.item.name).toBe("999999.exr")
  })

  it("are not asked for where a scrollbar only passes", () => {
    const { pages, asked, passes } = openPages()
    passes()
    for (let at = 0; at < TOTAL; at += 10_000) pages.see(at, at + 50)
    pages.see(500_000, 500_050)
    passes()
    expect(asked.map(({ at }) => at)).toEqual([0, 500_000])
  })

  it("are not waited for any more when somebody has gone on", () => {
    const { pages, asked, passes } = openPages()
    passes()
    pages.see(500_000, 500_050)
    passes()
    pages.see(700_000, 700_050)
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true])
  })

  it("are kept as far as they are near: memory is the same at the end as at the beginning", async () => {
    const { pages, asked, passes } = openPages()
    for (let page = 0; page < 60; page++) {
      pages.see(page * PAGE_TILES, page * PAGE_TILES)
      passes()
      await asked.at(-1)?.answer(pageAt(page * PAGE_TILES, PAGE_TILES))
    }
    const kept = Array.from({ length: 60 }, (_, page) => pages.tileAt(page * PAGE_TILES)).filter(
      (tile) => tile !== null,
    )
    expect(kept).toHaveLength(20)
    expect(pages.tileAt(59 * PAGE_TILES)).not.toBeNull()
  })

  it("stay as they are while they are loaded again, and then are others", async () => {
    const { pages, asked, passes } = openPages()
    passes()
    await asked[0]?.answer(pageAt(0, PAGE_TILES, 5))
    pages.refresh()
    passes()
    expect(pages.tileAt(0)?.item.name).toBe("0.exr")
    await asked[1]?.answer({ tiles: [tileNumbered(77)], total: 6 })
    expect([pages.tileAt(0)?.item.name, pages.total()]).toEqual(["77.exr", 6])
  })

  it("are loaded once more where a fact came while they were loaded", async () => {
    const { pages, asked, passes, isWaiting } = openPages()
    passes()
    pages.refresh()
    passes()
    await asked[0]?.answer(pageAt(0, PAGE_TILES))
    expect(isWaiting()).toBe(true)
    passes()
    expect(asked).toHaveLength(2)
  })

  it("are asked for again after a load that failed", async () => {
    const { pages, asked, passes, changes } = openPages()
    passes()
    await asked[0]?.answer(null)
    expect([pages.total(), changes()]).toEqual([null, 0])
    passes()
    await asked[1]?.answer(pageAt(0, PAGE_TILES, 3))
    expect([pages.total(), changes()]).toEqual([3, 1])
  })
})
