import { Choose, Filter } from "../../sheet/page/toolbar.tsx"
import type { Order, Wanted } from "../routes.ts"
import type { Tiles } from "./tiles.ts"

type ShotsToolbarProps = {
  readonly wanted: Wanted
  readonly tileWidth: number
  readonly tiles: Tiles
  readonly onWanted: (wanted: Wanted) => void
  readonly onTileWidth: (px: number) => void
}

const STATES: readonly (readonly [state: string, title: string])[] = [
  ["", "All"],
  ["made", "Made"],
  ["settled", "Movie to come"],
  ["failed", "Failed"],
]

const ORDERS: readonly (readonly [Order, string])[] = [
  ["newest", "Newest first"],
  ["name", "By folder"],
]

const GROUPINGS = [
  ["none", "No groups"],
  ["folder", "Every folder"],
] as const

/** What chooses among the tiles. */
export function ShotsToolbar({ wanted, tileWidth, tiles, onWanted, onTileWidth }: ShotsToolbarProps) {
  return (
    <section class="toolbar" aria-label="Which tiles">
      <div class="line">
        <fieldset class="states">
          <legend class="unseen">Which to show</legend>
          {STATES.map(([state, title]) => (
            <button
              type="button"
              key={state}
              aria-pressed={wanted.state === state}
              onClick={() => onWanted({ ...wanted, state })}
            >
              {title}
            </button>
          ))}
        </fieldset>
        <span class="dim total" role="status">
          {tiles.total === null
            ? "Loading…"
            : `${tiles.total.toLocaleString("en")} ${tiles.total === 1 ? "tile" : "tiles"}`}
        </span>
        <Filter query={wanted.query} hint="part of a name" onQuery={(query) => onWanted({ ...wanted, query })} />
        <div class="arrangement">
          <Choose
            label="Sort"
            value={wanted.order}
            options={ORDERS}
            onValue={(order) => onWanted({ ...wanted, order })}
          />
          <Choose
            label="Group"
            value={wanted.isGrouped ? "folder" : "none"}
            options={GROUPINGS}
            onValue={(group) =>
              onWanted({ ...wanted, isGrouped: group === "folder", order: group === "folder" ? "name" : wanted.order })
            }
          />
          <label class="size">
            <span class="dim">Size</span>
            <input
              type="range"
              min="140"
              max="640"
              step="20"
              value={tileWidth}
              onInput={({ currentTarget }) => onTileWidth(Number(currentTarget.value))}
            />
          </label>
        </div>
      </div>
    </section>
  )
}
