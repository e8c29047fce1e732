import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import { layOut } from "../grid.ts"
import type { Sheet } from "../index.ts"
import { pathOf } from "../list.ts"
import { type Choice, chosen, type Grouping, grouped, type Tile, tilesOf, versionsOf } from "../tiles.ts"
import { Evidence } from "./evidence.tsx"
import { GAP_PX, Grid, type PageSize } from "./grid.tsx"
import { Player } from "./player.tsx"
import { SelectionBar, useSelection } from "./selection.tsx"
import { Toolbar } from "./toolbar.tsx"

const START: Choice = { query: "", state: "all", order: "name" }

const PRINTED_TILE_PX = 240

const SIZES = { gap: GAP_PX, captionHeight: 50, headingHeight: 36 }

/** Wide enough for a name, and two of them on a phone. */
const firstTileWidth = (): number => (window.innerWidth < 600 ? 160 : 240)

/** The whole page. */
export function App({ sheet }: { readonly sheet: Sheet }) {
  const all = useMemo(() => tilesOf(sheet), [sheet])
  const [choice, setChoice] = useState(START)
  const [grouping, setGrouping] = useState<Grouping>("top")
  const [tileWidth, setTileWidth] = useState(firstTileWidth)
  const [opened, setOpened] = useState<Tile | null>(null)
  const groups = useMemo(() => grouped(chosen(all, choice), grouping), [all, choice, grouping])
  const shown = useMemo(() => groups.flatMap(({ tiles }) => tiles), [groups])
  const selection = useSelection(shown)
  const close = useCallback(() => setOpened(null), [])
  const isPrinting = usePrinting()
  const laidOut = useCallback(
    ({ width }: PageSize) => layOut(groups, { ...SIZES, width, tileWidth: isPrinting ? PRINTED_TILE_PX : tileWidth }),
    [groups, tileWidth, isPrinting],
  )
  return (
    <>
      <Toolbar
        {...{ sheet, all, choice, grouping, tileWidth, shown: shown.length }}
        onChoice={setChoice}
        onGrouping={setGrouping}
        onTileWidth={setTileWidth}
      />
      <main>
        {shown.length === 0 ? <Nothing isEmpty={all.length === 0} /> : null}
        <Grid {...{ layOut: laidOut, selection, isPrinting }} onOpen={setOpened} />
      </main>
      <SelectionBar {...{ sheet, selection, all }} />
      {opened === null ? null : <OpenedTile {...{ sheet, shown, opened }} onOpen={setOpened} onClose={close} />}
    </>
  )
}

type OpenedProps = {
  readonly sheet: Sheet
  /** As they are shown, to go on to the next one. */
  readonly shown: readonly Tile[]
  readonly opened: Tile
  readonly onOpen: (tile: Tile) => void
  readonly onClose: () => void
}

function OpenedTile({ sheet, shown, opened, onOpen, onClose }: OpenedProps) {
  const versions = useMemo(() => (opened.kind === "shot" ? versionsOf(opened.item, sheet.shots) : []), [opened, sheet])
  const step = (by: 1 | -1): void => {
    const next = shown[shown.findIndex(({ id }) => id === opened.id) + by]
    if (next !== undefined) onOpen(next)
  }
  return (
    <Player
      {...{ opened, versions, onClose, path: pathOf(opened, sheet.pathStart) }}
      evidence={(number) => <Evidence {...{ sheet, tile: opened, number }} />}
      onStep={step}
    />
  )
}

const Nothing = ({ isEmpty }: { readonly isEmpty: boolean }) => (
  <p class="nothing">{isEmpty ? "No frame has pictures." : "Nothing matches. Clear the filter to see all."}</p>
)

/** Paper holds all tiles, not those of a window. */
function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const [before, after] = [() => setPrinting(true), () => setPrinting(false)]
    addEventListener("beforeprint", before)
    addEventListener("afterprint", after)
    return () => {
      removeEventListener("beforeprint", before)
      removeEventListener("afterprint", after)
    }
  }, [])
  return isPrinting
}
