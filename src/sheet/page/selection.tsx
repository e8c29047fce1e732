import { useCallback, useMemo, useRef, useState } from "preact/hooks"
import type { Sheet } from "../index.ts"
import { csvText, pathsText } from "../list.ts"
import type { Tile } from "../tiles.ts"
import { IconButton } from "./icons.tsx"

export type Selection = {
  readonly has: (tile: Tile) => boolean
  readonly size: number
  /** With `upTo`, all from the last one that was chosen. */
  readonly toggle: (tile: Tile, upTo: boolean) => void
  readonly clear: () => void
  readonly selectShown: () => void
  readonly of: (tiles: readonly Tile[]) => readonly Tile[]
}

/** Tiles that were selected. They stay so when others are shown. */
export function useSelection(shown: readonly Tile[]): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const last = useRef<Tile | null>(null)
  const toggle = useCallback(
    (tile: Tile, upTo: boolean) => {
      const [from, to] = [last.current === null ? -1 : shown.indexOf(last.current), shown.indexOf(tile)]
      last.current = tile
      setSelected((before) => {
        if (upTo && from >= 0)
          return new Set([...before, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1).map(({ id }) => id)])
        const after = new Set(before)
        if (!after.delete(tile.id)) after.add(tile.id)
        return after
      })
    },
    [shown],
  )
  return useMemo(
    () => ({
      has: ({ id }) => selected.has(id),
      size: selected.size,
      toggle,
      clear: () => setSelected(new Set()),
      selectShown: () => setSelected((before) => new Set([...before, ...shown.map(({ id }) => id)])),
      of: (tiles) => tiles.filter(({ id }) => selected.has(id)),
    }),
    [selected, toggle, shown],
  )
}

type SelectionBarProps = { readonly sheet: Sheet; readonly selection: Selection; readonly all: readonly Tile[] }

/** What can be done with the selected tiles; nothing where none is. */
export function SelectionBar({ sheet, selection, all }: SelectionBarProps) {
  const [says, setSays] = useState("")
  if (selection.size === 0) return null
  const copy = async (): Promise<void> =>
    setSays((await copyText(pathsText(selection.of(all), sheet))) ? "Copied" : "The browser did not let it be copied")
  return (
    <section class="selection" aria-label="Selected">
      <b>{selection.size.toLocaleString("en")} selected</b>
      <button type="button" onClick={selection.selectShown}>
        Select all shown
      </button>
      <button type="button" onClick={copy}>
        Copy paths
      </button>
      <button type="button" onClick={() => save("shots.txt", "text/plain", pathsText(selection.of(all), sheet))}>
        Save paths
      </button>
      <button type="button" onClick={() => save("shots.csv", "text/csv", csvText(selection.of(all)))}>
        Save CSV
      </button>
      <span class="dim" role="status">
        {says}
      </span>
      <IconButton icon="close" label="Select none" onClick={selection.clear} />
    </section>
  )
}

/** Whether the text is in the clipboard now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch (error) {
    // Refused, or there is no clipboard for a page that came without encryption.
    if (error instanceof DOMException || error instanceof TypeError) return false
    throw error
  }
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = Object.assign(document.createElement("a"), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
