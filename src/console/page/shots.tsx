import { useCallback, useMemo, useState } from "preact/hooks"
import { layOutMany } from "../../sheet/grid.ts"
import { BEYOND_PX, GAP_PX, Grid, type PageSize } from "../../sheet/page/grid.tsx"
import { useSelection } from "../../sheet/page/selection.tsx"
import type { Tile } from "../../sheet/tiles.ts"
import type { Go, Route, Wanted } from "../routes.ts"
import type { Live } from "./live.ts"
import { OpenedShot } from "./opened-shot.tsx"
import { SelectedTiles } from "./selected.tsx"
import type { Server } from "./server.ts"
import { ShotsToolbar } from "./shots-toolbar.tsx"
import { spritesFrom, type Tiles, useTiles } from "./tiles.ts"

type ShotsProps = {
  readonly server: Server
  readonly live: Live
  readonly route: Extract<Route, { view: "shots" }>
  readonly go: Go
}

/** Two of them on a phone. */
const firstTileWidth = (): number => (window.innerWidth < 600 ? 160 : 240)

/** Below this width a tile has a picture and a name alone. */
const DENSE_PX = 200

/** Elements that the grid may have, of which a tile has so many. */
const MOST_ELEMENTS = 470
const ELEMENTS = { dense: 6, full: 9 }

/** Every shot, single frame and failure, as many as there are. */
export function Shots({ server, live, route, go }: ShotsProps) {
  const { wanted } = route
  const tiles = useTiles(server, live, wanted)
  const [tileWidth, setTileWidth] = useState(firstTileWidth)
  const selection = useSelection(tiles.loaded)
  const isDense = tileWidth < DENSE_PX
  const layOut = useCallback(
    (size: PageSize) => layOutTiles(tiles, { ...size, tileWidth, isGrouped: wanted.isGrouped }),
    [tiles, tileWidth, wanted.isGrouped],
  )
  const labelOf = useCallback((index: number) => folderBegun(tiles, index), [tiles])
  const findSprites = useMemo(() => spritesFrom(server), [server])
  const open = (tile: Tile): void => {
    const { bucket, folder, name } = tile.item
    go(tile.kind === "shot" ? { ...route, shot: tile.id } : { view: "frame", bucket, key: `${folder}${name}` })
  }
  return (
    <>
      <ShotsToolbar
        {...{ wanted, tileWidth, tiles }}
        onWanted={(to) => go({ ...route, wanted: to }, false)}
        onTileWidth={setTileWidth}
      />
      <main id="content" tabIndex={-1}>
        <h1 class="unseen">Shots</h1>
        {tiles.total === 0 ? (
          <Nothing
            {...{ wanted }}
            onAll={() => go({ ...route, wanted: { ...wanted, query: "", state: "", prefix: "" } })}
          />
        ) : null}
        <Grid
          {...{ layOut, selection, isDense, findSprites }}
          {...(wanted.isGrouped ? { labelOf } : {})}
          onOpen={open}
          onSeen={tiles.see}
        />
      </main>
      <SelectedTiles {...{ server, selection, tiles }} />
      {route.shot === null ? null : (
        <OpenedShot key={route.shot} {...{ server, live, tiles, id: route.shot, route, go, open }} />
      )}
    </>
  )
}

type Asked = PageSize & { readonly tileWidth: number; readonly isGrouped: boolean }

/** As many columns as the grid may have elements for. */
function layOutTiles(tiles: Tiles, { width, height, tileWidth, isGrouped }: Asked) {
  const isDense = tileWidth < DENSE_PX
  const sizes = { width, tileWidth, gap: GAP_PX, captionHeight: isDense ? 30 : 50, headingHeight: isGrouped ? 28 : 0 }
  const most = Math.floor(MOST_ELEMENTS / (isDense ? ELEMENTS.dense : ELEMENTS.full))
  for (let mostColumns = 16; mostColumns > 1; mostColumns--) {
    const layout = layOutMany(tiles.total ?? 0, tiles.tileAt, { ...sizes, mostColumns })
    const pitch = layout.pictureHeight + sizes.captionHeight + sizes.headingHeight + GAP_PX
    const rows = Math.ceil((height + 3 * BEYOND_PX) / pitch) + 1
    if (rows * layout.columns <= most) return layout
  }
  return layOutMany(tiles.total ?? 0, tiles.tileAt, { ...sizes, mostColumns: 1 })
}

/** The folder of a tile, where the tile before is of another one. */
function folderBegun({ tileAt }: Tiles, index: number): string | null {
  const [tile, before] = [tileAt(index), index === 0 ? null : tileAt(index - 1)]
  if (
    tile === null ||
    (before !== null && before.item.folder === tile.item.folder && before.item.bucket === tile.item.bucket)
  )
    return null
  return tile.item.folder === "" ? "At the top" : tile.item.folder.slice(0, -1)
}

function Nothing({ wanted, onAll }: { readonly wanted: Wanted; readonly onAll: () => void }) {
  const isAll = wanted.query === "" && wanted.state === "" && wanted.prefix === ""
  return isAll ? (
    <div class="nothing">
      <h2>Nothing here yet</h2>
      <p>The first frame that arrives is shown as soon as it has a picture.</p>
    </div>
  ) : (
    <div class="nothing">
      <h2>Nothing matches</h2>
      <button type="button" class="secondary" onClick={onAll}>
        Show all
      </button>
    </div>
  )
}
