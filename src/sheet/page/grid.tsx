import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import type { Layout, Row } from "../grid.ts"
import { type BoxPlace, boxFor, boxHeightOf, scrolledTo } from "../scroll-box.ts"
import type { Tile } from "../tiles.ts"
import type { Selection } from "./selection.tsx"
import { type SpritesFinder, TileView } from "./tile.tsx"

/** Of a window, or of a page of paper, pixels. */
export type PageSize = { readonly width: number; readonly height: number }

type GridProps = {
  readonly layOut: (size: PageSize) => Layout
  readonly selection: Selection
  readonly isPrinting?: boolean
  /** A name, and no more than that, below each tile. */
  readonly isDense?: boolean
  /** What is written above a tile, such as the folder that begins with it; absent where nothing ever is. */
  readonly labelOf?: (index: number) => string | null
  readonly findSprites?: SpritesFinder
  readonly onOpen: (tile: Tile) => void
  /** Which tiles are drawn, each time that others are. */
  readonly onSeen?: (first: number, last: number) => void
}

const PAPER: PageSize = { width: 1000, height: Number.POSITIVE_INFINITY }

/** So far beyond the window rows are drawn, pixels, so that none is seen to come. */
export const BEYOND_PX = 96

/** Tiles in rows, of which only those are drawn that are in the window, or near it. */
export function Grid(props: GridProps) {
  const { layOut, isPrinting = false, onSeen } = props
  const place = useRef<HTMLDivElement>(null)
  const size = useSize(place)
  const layout = useMemo(() => layOut(isPrinting ? PAPER : size), [layOut, size, isPrinting])
  const { from, shift } = useSeenPart(place, layout.height)
  useArrows(place, layout)
  const rows = isPrinting
    ? layout.within(0, layout.height)
    : layout.within(from - BEYOND_PX, from + size.height + STEP_PX + BEYOND_PX)
  useDrawn(rows, onSeen)
  return (
    <div
      ref={place}
      class={isPrinting ? "grid printed" : "grid"}
      style={isPrinting ? {} : { height: `${boxHeightOf(layout.height)}px` }}
    >
      {rows.map((row) => (
        <RowView key={keyOfRow(row)} {...{ ...props, row, layout, shift }} />
      ))}
    </div>
  )
}

const keyOfRow = (row: Row): string => (row.kind === "heading" ? `h${row.group.title}` : `t${row.first}`)

type RowProps = GridProps & { readonly row: Row; readonly layout: Layout; readonly shift: number }

function RowView(props: RowProps) {
  const { row, layout, shift, selection, isPrinting, isDense, labelOf, onOpen, findSprites } = props
  const style = isPrinting ? {} : { top: `${row.top - shift}px`, height: `${row.height}px` }
  if (row.kind === "heading")
    return (
      <h2 class="row" style={style}>
        {visible(row.group.title) || "At the top"}{" "}
        <span class="dim">{row.group.tiles.length.toLocaleString("en")}</span>
      </h2>
    )
  return (
    <div class={labelOf === undefined ? "row" : "row labelled"} style={style}>
      {row.tiles.map((tile, at) => (
        <TileView
          key={tile?.id ?? `${row.first + at}`}
          {...{
            tile,
            onOpen,
            findSprites,
            at: row.first + at,
            isDense: isDense ?? false,
            label: labelOf?.(row.first + at) ?? null,
          }}
          width={layout.tileWidth}
          height={layout.pictureHeight}
          isSelected={tile !== null && selection.has(tile)}
          onToggle={selection.toggle}
        />
      ))}
    </div>
  )
}

/** Tells which tiles are drawn. */
function useDrawn(rows: readonly Row[], onSeen: GridProps["onSeen"]): void {
  const drawn = rows.flatMap((row) => (row.kind === "tiles" ? [row] : []))
  const [from, last] = [drawn[0]?.first ?? 0, drawn.at(-1)]
  const to = last === undefined ? -1 : last.first + last.tiles.length - 1
  useLayoutEffect(() => onSeen?.(from, to), [from, to, onSeen])
}

type Place = { readonly current: HTMLElement | null }

/** How wide an element is, and how high the window. */
function useSize(place: Place): PageSize {
  const [size, setSize] = useState<PageSize>({ width: innerWidth, height: innerHeight })
  useLayoutEffect(() => {
    const look = (): void => {
      const width = Math.floor(place.current?.getBoundingClientRect().width ?? innerWidth)
      setSize((before) =>
        before.width === width && before.height === innerHeight ? before : { width, height: innerHeight },
      )
    }
    look()
    const watcher = new ResizeObserver(look)
    if (place.current !== null) watcher.observe(place.current)
    addEventListener("resize", look)
    return () => {
      watcher.disconnect()
      removeEventListener("resize", look)
    }
  }, [place])
  return size
}

type SeenPart = {
  /** What is at the top of the window, in pixels of the rows. */
  readonly from: number
  /** So much higher rows lie in the box than among all rows. */
  readonly shift: number
}

/** So far the window moves before rows are drawn. */
const STEP_PX = 64

/** After so long a pause the scrollbar is put where it belongs. */
const PAUSE_MS = 150

/** Which part of an element's rows, of that height, is in the window. */
function useSeenPart(place: Place, content: number): SeenPart {
  const [seen, setSeen] = useState<SeenPart>({ from: 0, shift: 0 })
  const at = useRef<BoxPlace>({ box: 0, content: 0 })
  useLayoutEffect(() => {
    let pause: ReturnType<typeof setTimeout> | undefined
    const boxTop = (): number => -(place.current?.getBoundingClientRect().top ?? 0)
    const tell = (): void => {
      const from = Math.floor(at.current.content / STEP_PX) * STEP_PX
      const shift = at.current.content - at.current.box
      setSeen((before) => (before.from === from && before.shift === shift ? before : { from, shift }))
    }
    const look = (): void => {
      at.current = scrolledTo(at.current, boxTop(), { content, window: innerHeight })
      tell()
      clearTimeout(pause)
      pause = setTimeout(settle, PAUSE_MS)
    }
    const settle = (): void => {
      const by = boxFor(at.current.content, { content, window: innerHeight }) - at.current.box
      if (Math.abs(by) < 1 || at.current.box <= 0) return
      scrollBy(0, by)
      at.current = { box: boxTop(), content: at.current.content }
      tell()
    }
    look()
    addEventListener("scroll", look, { passive: true })
    addEventListener("resize", look)
    return () => {
      clearTimeout(pause)
      removeEventListener("scroll", look)
      removeEventListener("resize", look)
    }
  }, [place, content])
  return seen
}

const STEPS: Readonly<Record<string, (columns: number) => number>> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
}

/** Arrow keys lead from tile to tile, those included that are not drawn yet. */
function useArrows(place: Place, layout: Layout): void {
  const wanted = useRef<number | null>(null)
  useEffect(() => {
    if (wanted.current !== null && focusTile(place, wanted.current)) wanted.current = null
  })
  useEffect(() => {
    const grid = place.current
    const listen = (event: KeyboardEvent): void => {
      const to = neighbour(event, layout)
      if (to === null || grid === null) return
      event.preventDefault()
      bringIntoView(grid, to, layout)
      wanted.current = focusTile(place, to) ? null : to
    }
    grid?.addEventListener("keydown", listen)
    return () => grid?.removeEventListener("keydown", listen)
  }, [place, layout])
}

/** Whether the tile is drawn, and has the focus now. */
function focusTile(place: Place, index: number): boolean {
  const button = place.current?.querySelector<HTMLElement>(`[data-at="${index}"] .picture`)
  button?.focus({ preventScroll: true })
  return button !== null && button !== undefined
}

/** Index of the tile that an arrow key leads to; null where there is none. */
function neighbour(event: KeyboardEvent, { columns, count }: Layout): number | null {
  const from = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-at]") : null
  const step = STEPS[event.key]
  if (from === null || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return null
  const to = Number(from.dataset.at) + step(columns)
  return to >= 0 && to < count ? to : null
}

/** Scrolls as far as the row of a tile is hidden: by what is seen of the rows around it, since the box may be smaller than they. */
function bringIntoView(grid: HTMLElement, to: number, layout: Layout): void {
  const drawn = grid.querySelector<HTMLElement>("[data-at]")
  if (drawn === null) return
  const { top: inGrid, height } = layout.rowOf(to)
  const seenAt = (drawn.parentElement ?? drawn).getBoundingClientRect().top - layout.rowOf(Number(drawn.dataset.at)).top
  const top = seenAt + inGrid
  const hidden = document.querySelector(".toolbar")?.getBoundingClientRect().bottom ?? 0
  if (top < hidden) scrollBy(0, top - hidden - GAP_PX)
  else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + GAP_PX)
}

/** Between tiles. */
export const GAP_PX = 12
