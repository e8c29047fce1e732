// The tiles that are seen of very many: loaded by pages, kept as long as they are near.

import type { Tile } from "../sheet/tiles.ts"

/** Tiles from a position on, and how many there are in all. */
export type TilePage = { readonly tiles: readonly Tile[]; readonly total: number }

export type TilePagesOptions = {
  /** null where it could not be loaded, which is told elsewhere. */
  readonly load: (at: number, limit: number, signal: AbortSignal) => Promise<TilePage | null>
  /** Something is to be drawn anew. */
  readonly onChange: () => void
  /** Calls back after some milliseconds; returns how to call it off. */
  readonly later: (callback: () => void, ms: number) => () => void
}

export type TilePages = {
  /** null where it is not loaded yet. */
  readonly tileAt: (index: number) => Tile | null
  /** null before the first answer. */
  readonly total: () => number | null
  /** Loads the pages of these tiles, and no others any more. */
  readonly see: (first: number, last: number) => void
  /** Loads again what is seen; meanwhile it stays as it is. */
  readonly refresh: () => void
  readonly close: () => void
}

/** Tiles of a page: one answer fills a window. */
export const PAGE_TILES = 100

/** Pages that are kept: memory stays the same, however far somebody scrolls. */
const MOST_PAGES = 20

/** Whoever drags the scrollbar passes thousands of pages, and looks at the last. */
const PASSING_MS = 60

/** After a load that failed. */
const AGAIN_MS = 2000

type Page = { readonly tiles: readonly Tile[]; readonly epoch: number }

export function openTilePages({ load, onChange, later }: TilePagesOptions): TilePages {
  const pages = new Map<number, Page>()
  const loading = new Map<number, AbortController>()
  let total: number | null = null
  let wanted: readonly number[] = [0]
  let epoch = 0
  let callOff = (): void => undefined

  const keep = (page: number, tiles: readonly Tile[], of: number): void => {
    pages.delete(page)
    pages.set(page, { tiles, epoch: of })
    for (const [old] of pages) if (pages.size > MOST_PAGES && !wanted.includes(old)) pages.delete(old)
  }
  const begin = async (page: number): Promise<void> => {
    const stop = new AbortController()
    const of = epoch
    loading.set(page, stop)
    const answer = await load(page * PAGE_TILES, PAGE_TILES, stop.signal)
    if (stop.signal.aborted) return
    loading.delete(page)
    if (answer === null) return ask(AGAIN_MS)
    total = answer.total
    keep(page, answer.tiles, of)
    onChange()
    if (of !== epoch) ask(0)
  }
  const ask = (ms: number): void => {
    callOff()
    callOff = later(() => {
      const lacking = wanted.filter((page) => pages.get(page)?.epoch !== epoch && !loading.has(page))
      for (const page of lacking) void begin(page)
    }, ms)
  }
  ask(0)
  return {
    tileAt: (index) => pages.get(Math.floor(index / PAGE_TILES))?.tiles[index % PAGE_TILES] ?? null,
    total: () => total,
    see: (first, last) => {
      wanted = pagesOf(first, last)
      for (const [page, stop] of loading) if (!wanted.includes(page)) abort(loading, page, stop)
      if (wanted.some((page) => pages.get(page)?.epoch !== epoch)) ask(total === null ? 0 : PASSING_MS)
    },
    refresh: () => {
      epoch++
      ask(0)
    },
    close: () => {
      callOff()
      for (const [page, stop] of loading) abort(loading, page, stop)
    },
  }
}

function pagesOf(first: number, last: number): readonly number[] {
  const [from, to] = [Math.floor(Math.max(0, first) / PAGE_TILES), Math.floor(Math.max(0, last) / PAGE_TILES)]
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

function abort(loading: Map<number, AbortController>, page: number, stop: AbortController): void {
  loading.delete(page)
  stop.abort()
}
