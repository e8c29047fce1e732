import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import { type Layout, layOut, type Row, rowsWithin } from "../grid.ts"
import type { Group, Tile } from "../tiles.ts"
import type { Selection } from "./selection.tsx"
import { TileView } from "./tile.tsx"

type GridProps = {
  readonly groups: readonly Group[]
  readonly tileWidth: number
  readonly selection: Selection
  readonly isPrinting: boolean
  readonly onOpen: (tile: Tile) => void
}

const SIZES = { gap: 12, captionHeight: 50, headingHeight: 36 }

/** Of a page of paper, pixels. */
const PAPER = { width: 1000, tileWidth: 240 }

/** Tiles in rows, of which only those are drawn that are in the window, or near it. */
export function Grid({ groups, tileWidth, selection, isPrinting, onOpen }: GridProps) {
  const place = useRef<HTMLDivElement>(null)
  const seen = useSeenPart(place)
  const layout = useMemo(
    () => layOut(groups, { ...SIZES, ...(isPrinting ? PAPER : { width: seen.width, tileWidth }) }),
    [groups, tileWidth, seen.width, isPrinting],
  )
  useArrows(place, layout)
  const rows = isPrinting ? layout.rows : rowsWithin(layout, seen.from - seen.height / 4, seen.to + seen.height / 4)
  return (
    <div
      ref={place}
      class={isPrinting ? "grid printed" : "grid"}
      style={isPrinting ? {} : { height: `${layout.height}px` }}
    >
      {rows.map((row) => (
        <RowView key={keyOfRow(row)} {...{ row, layout, selection, onOpen, isPrinting }} />
      ))}
    </div>
  )
}

const keyOfRow = (row: Row): string => (row.kind === "heading" ? `h${row.group.title}` : `t${row.tiles[0]?.id}`)

type RowProps = Pick<GridProps, "selection" | "onOpen" | "isPrinting"> & { readonly row: Row; readonly layout: Layout }

function RowView({ row, layout, selection, onOpen, isPrinting }: RowProps) {
  const style = isPrinting ? {} : { top: `${row.top}px`, height: `${row.height}px` }
  if (row.kind === "heading")
    return (
      <h2 class="row" style={style}>
        {visible(row.group.title) || "At the top"}{" "}
        <span class="dim">{row.group.tiles.length.toLocaleString("en")}</span>
      </h2>
    )
  return (
    <div class="row" style={{ ...style, gap: `${SIZES.gap}px` }}>
      {row.tiles.map((tile) => (
        <TileView
          key={tile.id}
          {...{ tile, onOpen }}
          width={layout.tileWidth}
          height={layout.pictureHeight}
          isSelected={selection.has(tile)}
          onToggle={selection.toggle}
        />
      ))}
    </div>
  )
}

type SeenPart = { readonly width: number; readonly height: number; readonly from: number; readonly to: number }

/** So far the window moves before rows are drawn. */
const STEP_PX = 64

/** Which part of an element is in the window, in pixels from its top, and how wide it is. */
function useSeenPart(place: { readonly current: HTMLElement | null }): SeenPart {
  const [seen, setSeen] = useState<SeenPart>({ width: innerWidth, height: innerHeight, from: 0, to: innerHeight })
  useLayoutEffect(() => {
    const look = (): void => {
      const { top, width } = place.current?.getBoundingClientRect() ?? { top: 0, width: innerWidth }
      const from = Math.floor(-top / STEP_PX) * STEP_PX
      const now = { width: Math.floor(width), height: innerHeight, from, to: from + innerHeight + STEP_PX }
      setSeen((before) =>
        before.width === now.width && before.from === from && before.height === now.height ? before : now,
      )
    }
    look()
    const watcher = new ResizeObserver(look)
    if (place.current !== null) watcher.observe(place.current)
    addEventListener("scroll", look, { passive: true })
    addEventListener("resize", look)
    return () => {
      watcher.disconnect()
      removeEventListener("scroll", look)
      removeEventListener("resize", look)
    }
  }, [place])
  return seen
}

const STEPS: Readonly<Record<string, (columns: number) => number>> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
}

/** Arrow keys lead from tile to tile, those included that are not drawn yet. */
function useArrows(place: { readonly current: HTMLElement | null }, layout: Layout): void {
  const wanted = useRef<string | null>(null)
  useEffect(() => {
    const button = place.current?.querySelector<HTMLElement>(`[data-tile="${wanted.current}"] .picture`)
    if (button === null || button === undefined) return
    wanted.current = null
    button.focus({ preventScroll: true })
  })
  useEffect(() => {
    const grid = place.current
    const listen = (event: KeyboardEvent): void => {
      const to = neighbour(event, layout)
      if (to === null || grid === null) return
      event.preventDefault()
      wanted.current = to.tile.id
      bringIntoView(grid, to.row)
      grid.querySelector<HTMLElement>(`[data-tile="${to.tile.id}"] .picture`)?.focus({ preventScroll: true })
    }
    grid?.addEventListener("keydown", listen)
    return () => grid?.removeEventListener("keydown", listen)
  }, [place, layout])
}

/** The tile that an arrow key leads to, and its row; null where there is none. */
function neighbour(event: KeyboardEvent, { rows, columns }: Layout): { readonly tile: Tile; readonly row: Row } | null {
  const from = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-tile]") : null
  const step = STEPS[event.key]
  if (from === null || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return null
  const tiles = rows.flatMap((row) => (row.kind === "tiles" ? row.tiles : []))
  const tile = tiles[tiles.findIndex(({ id }) => id === from.dataset.tile) + step(columns)]
  const row = rows.find((one) => one.kind === "tiles" && tile !== undefined && one.tiles.includes(tile))
  return tile === undefined || row === undefined ? null : { tile, row }
}

function bringIntoView(grid: HTMLElement, { top: inGrid, height }: Row): void {
  const top = grid.getBoundingClientRect().top + inGrid
  const hidden = document.querySelector(".toolbar")?.getBoundingClientRect().bottom ?? 0
  if (top < hidden) scrollBy(0, top - hidden - SIZES.gap)
  else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + SIZES.gap)
}
