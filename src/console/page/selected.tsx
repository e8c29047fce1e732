import { useState } from "preact/hooks"
import { IconButton } from "../../sheet/page/icons.tsx"
import { copyText, type Selection } from "../../sheet/page/selection.tsx"
import { keyOf, type Tile } from "../../sheet/tiles.ts"
import type { Server } from "./server.ts"
import type { Tiles } from "./tiles.ts"

type SelectedProps = { readonly server: Server; readonly selection: Selection; readonly tiles: Tiles }

type Accepted = { readonly accepted: number }

/** What can be done with the selected tiles; nothing where none is. */
export function SelectedTiles({ server, selection, tiles }: SelectedProps) {
  const [says, setSays] = useState("")
  const [known, setKnown] = useState<ReadonlyMap<string, Tile>>(new Map())
  if (selection.size === 0) return null
  const chosen = [...new Map([...known, ...tiles.loaded.map((tile) => [tile.id, tile] as const)]).values()]
  const of = selection.of(chosen)
  if (of.some(({ id }) => !known.has(id))) setKnown(new Map(of.map((tile) => [tile.id, tile])))
  const copy = async (): Promise<void> => {
    const text = of.map((tile) => `${tile.item.bucket}/${keyOf(tile)}\n`).join("")
    setSays((await copyText(text)) ? "Copied" : "The browser did not let it be copied")
  }
  const ask = async (what: "retry" | "reprocess"): Promise<void> => {
    const answers = await Promise.all(wantedOf(of).map((body) => server.post<Accepted>(`/${what}`, body)))
    const refused = answers.find((answer) => !answer.ok)
    const accepted = answers.reduce((sum, answer) => sum + (answer.ok ? answer.value.accepted : 0), 0)
    setSays(refused === undefined ? `${accepted} begin again` : refused.ok ? "" : refused.says)
  }
  return (
    <section class="selection" aria-label="Selected">
      <b>{selection.size.toLocaleString("en")} selected</b>
      <button type="button" onClick={copy}>
        Copy paths
      </button>
      <button type="button" onClick={() => ask("retry")}>
        Retry what failed
      </button>
      <button type="button" onClick={() => ask("reprocess")}>
        Make again
      </button>
      <span class="dim" role="status">
        {says}
      </span>
      <IconButton icon="close" label="Select none" onClick={selection.clear} />
    </section>
  )
}

/** Single sources by their keys, shots by all that begins as their frames do. */
function wantedOf(tiles: readonly Tile[]): readonly object[] {
  const singles = tiles.filter(({ kind }) => kind !== "shot")
  const keys = singles.map((tile) => ({ bucket: tile.item.bucket, key: keyOf(tile) }))
  const shots = tiles.flatMap((tile) =>
    tile.kind === "shot"
      ? [{ bucket: tile.item.bucket, prefix: keyOf(tile).slice(0, keyOf(tile).lastIndexOf("#")) }]
      : [],
  )
  return keys.length === 0 ? shots : [{ keys }, ...shots]
}
