import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { SpriteCells } from "../../sheet/index.ts"
import type { SpritesFinder } from "../../sheet/page/tile.tsx"
import type { Tile } from "../../sheet/tiles.ts"
import { spritesUrlOf, type TileAnswer, type TilesAnswer, tileOf } from "../answers.ts"
import type { Wanted } from "../routes.ts"
import { openTilePages, type TilePages } from "../tile-pages.ts"
import type { Live } from "./live.ts"
import type { Server } from "./server.ts"

export type Tiles = {
  readonly tileAt: (index: number) => Tile | null
  /** null before the first answer. */
  readonly total: number | null
  readonly see: (first: number, last: number) => void
  /** Those that are drawn. */
  readonly loaded: readonly Tile[]
  /** null where the tile is not among those that are kept. */
  readonly indexOf: (id: string) => number | null
  readonly refresh: () => void
}

/** Facts after which tiles are others. */
const CHANGES = /(proxy-made|element-failed|element-removed|failure-dismissed|sequence-settled|movie-made|gap)$/

const REFRESH_MS = 1000

/** Addresses of thumbnails work for minutes: whoever leaves the page open has pictures all the same. */
const SIGNED_ANEW_MS = 180_000

/** The tiles that are wanted, wherever the grid is scrolled to, as they are now. */
export function useTiles(server: Server, live: Live, wanted: Wanted): Tiles {
  const [, setTurn] = useState(0)
  const [seen, setSeen] = useState<readonly [number, number]>([0, -1])
  const query = searchOf(wanted)
  const pages = usePages(server, query, () => setTurn((turn) => turn + 1))
  useEffect(() => live.onChange(CHANGES, REFRESH_MS, () => pages.current.refresh()), [live, pages])
  useEffect(() => {
    const timer = setInterval(() => pages.current.refresh(), SIGNED_ANEW_MS)
    return () => clearInterval(timer)
  }, [pages])
  const [first, last] = seen
  const { tileAt } = pages.current
  const loaded = Array.from({ length: last - first + 1 }, (_, at) => tileAt(first + at)).filter((tile) => tile !== null)
  const see = useMemo(
    () => (from: number, to: number) => {
      setSeen([from, to])
      pages.current.see(from, to)
    },
    [pages],
  )
  const indexOf = (id: string): number | null => {
    for (let at = Math.max(0, first - 200); at <= last + 200; at++) if (tileAt(at)?.id === id) return at
    return null
  }
  return { tileAt, total: pages.current.total(), see, loaded, indexOf, refresh: pages.current.refresh }
}

/** Other pages for each other query. */
function usePages(server: Server, query: string, onChange: () => void): { readonly current: TilePages } {
  const told = useRef(onChange)
  told.current = onChange
  const pages = useMemo(() => pagesOf(server, query, () => told.current()), [server, query])
  useEffect(() => () => pages.close(), [pages])
  return useMemo(() => ({ current: pages }), [pages])
}

const pagesOf = (server: Server, query: string, onChange: () => void): TilePages =>
  openTilePages({
    load: async (at, limit, signal) => {
      const answer = await server.get<TilesAnswer>(`/tiles?${query}&at=${at}&limit=${limit}`, signal)
      return answer.ok ? { total: answer.value.total, tiles: answer.value.tiles.map(noted) } : null
    },
    onChange,
    later: (callback, ms) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  })

const answers = new WeakMap<Tile, TileAnswer>()

function noted(answer: TileAnswer): Tile {
  const tile = tileOf(answer)
  answers.set(tile, answer)
  return tile
}

/** What a shot is scrubbed by, which the server tells; null where it has none, or cannot tell now. */
export const spritesFrom =
  (server: Server): SpritesFinder =>
  async (tile) => {
    const answer = answers.get(tile)
    const url = answer === undefined ? null : spritesUrlOf(answer)
    if (url === null) return null
    const cells = await server.get<SpriteCells>(`/sequences/${encodeURIComponent(tile.id)}/sprites`)
    return cells.ok ? { url, ...cells.value } : null
  }

function searchOf({ query, state, order, prefix }: Wanted): string {
  const named = Object.entries({ q: query, state, prefix }).filter(([, value]) => value !== "")
  return new URLSearchParams([["order", order], ...named]).toString()
}
