import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import type { Sheet } from "../index.ts"
import { type Choice, chosen, type Grouping, grouped, type Tile, tilesOf } from "../tiles.ts"
import { Grid } from "./grid.tsx"
import { Player } from "./player.tsx"
import { SelectionBar, useSelection } from "./selection.tsx"
import { Toolbar } from "./toolbar.tsx"

const START: Choice = { query: "", state: "all", order: "name" }

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
        <Grid {...{ groups, tileWidth, selection, isPrinting }} onOpen={setOpened} />
      </main>
      <SelectionBar {...{ sheet, selection, all }} />
      {opened === null ? null : <Player {...{ sheet, tiles: shown, opened }} onOpen={setOpened} onClose={close} />}
    </>
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
