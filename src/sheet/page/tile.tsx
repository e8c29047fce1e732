import { useMemo, useRef, useState } from "preact/hooks"
import { barCells, type Kind } from "../../sequence/bar-cells.ts"
import { visible } from "../../system/visible.ts"
import { frameNumbers, indexAt, spriteAt } from "../frame-numbers.ts"
import { thumbnailSide } from "../grid.ts"
import type { Shot, Sprites } from "../index.ts"
import { framesOf, isOf, keyOf, type Tile } from "../tiles.ts"
import { spanText } from "./texts.ts"

type TileProps = {
  /** null for one that is not loaded yet. */
  readonly tile: Tile | null
  /** Index among all tiles. */
  readonly at: number
  readonly width: number
  readonly height: number
  readonly isDense: boolean
  /** Written above it. */
  readonly label: string | null
  readonly isSelected: boolean
  readonly onOpen: (tile: Tile) => void
  readonly onToggle: (tile: Tile, upTo: boolean) => void
  /** Finds what a shot is scrubbed by when somebody points at it, where the tile does not bring it along. */
  readonly findSprites?: SpritesFinder | undefined
}

export type SpritesFinder = (tile: Tile) => Promise<Sprites | null>

/** A picture, a bar of its frames, a name. Few elements: there may be hundreds of tiles in a window. */
export function TileView(props: TileProps) {
  const { tile, at, width, height, isDense, label, isSelected, onToggle } = props
  const bar = useMemo(() => (tile?.kind === "shot" ? gradientOf(tile.item) : "none"), [tile])
  const style = { width: `${width}px`, "--bar": bar }
  if (tile === null)
    return (
      <article class="tile pending" data-at={at} style={style} aria-busy="true">
        <span class="picture" style={{ height: `${height}px` }} />
      </article>
    )
  const name = visible(tile.item.name)
  return (
    <article
      class={`tile ${tile.kind}${isSelected ? " selected" : ""}`}
      data-at={at}
      data-label={label === null ? undefined : visible(label)}
      style={style}
    >
      <Picture {...{ ...props, tile, name }} />
      {isDense ? null : (
        <input
          type="checkbox"
          class="select"
          checked={isSelected}
          aria-label={`Select ${name}`}
          onClick={(event) => onToggle(tile, event.shiftKey)}
        />
      )}
      <p class="name" dir="auto" title={visible(keyOf(tile))}>
        {name}
      </p>
      {isDense ? null : <p class={`about ${aboutKind(tile)}`}>{aboutText(tile)}</p>}
    </article>
  )
}

function aboutKind(tile: Tile): string {
  if (isOf(tile, "failed")) return "bad"
  return isOf(tile, "warned") || isOf(tile, "gaps") ? "warn" : ""
}

/** What is worth to be said in one line. */
function aboutText(tile: Tile): string {
  if (tile.kind === "failed") return tile.item.code
  if (tile.kind === "frame") {
    const { allBlack, warnings, colourSpace } = tile.item
    return visible([...(allBlack ? ["all black"] : []), warnings[0] ?? colourSpace].join(" · "))
  }
  const { missing, failed, failureCode, findings } = tile.item
  const count = framesOf(tile)
  const wrong = [
    ...(missing === "" ? [] : [`missing ${missing}`]),
    ...(failed === "" ? [] : [`failed ${failed}`]),
    ...(failureCode === null ? [] : [failureCode]),
    ...findings.map(([title]) => title),
  ]
  return visible(
    [spanText(tile.item), wrong.length === 0 ? `${count.toLocaleString("en")} frames` : wrong.join(", ")].join(" · "),
  )
}

type PictureProps = Pick<TileProps, "width" | "height" | "onOpen" | "onToggle" | "findSprites"> & {
  readonly tile: Tile
  readonly name: string
}

type Found = { readonly found: Sprites | null; readonly find: () => void }

/** Asks once for each tile, and again where nothing came: a tile that is loaded anew may have another movie or address. */
function useFoundSprites(tile: Tile, findSprites: SpritesFinder | undefined): Found {
  const [found, setFound] = useState<Sprites | null>(null)
  const asked = useRef<Tile | null>(null)
  const find = async (): Promise<void> => {
    if (findSprites === undefined || tile.kind !== "shot" || tile.item.sprites !== null || asked.current === tile)
      return
    asked.current = tile
    const sprites = await findSprites(tile)
    if (asked.current !== tile) return
    if (sprites === null) asked.current = null
    setFound(sprites)
  }
  return { found, find: () => void find() }
}

/** The still, over which the pointer moves through the shot. */
function Picture({ tile, width, height, name, onOpen, onToggle, findSprites }: PictureProps) {
  const [place, setPlace] = useState<number | null>(null)
  const { found, find } = useFoundSprites(tile, findSprites)
  const sprites = tile.kind === "shot" ? (tile.item.sprites ?? found) : null
  const scrub = (event: PointerEvent): void => {
    find()
    if (!(event.currentTarget instanceof HTMLElement) || event.pointerType === "touch") return
    const { left, width: across } = event.currentTarget.getBoundingClientRect()
    setPlace((event.clientX - left) / across)
  }
  const version = tile.kind === "shot" ? tile.item.version : null
  return (
    <button
      type="button"
      class="picture"
      style={{ height: `${height}px` }}
      aria-label={`Open ${name}`}
      aria-description={tile.kind === "shot" ? barText(tile.item) : undefined}
      data-version={version === null ? undefined : visible(`v${version}`)}
      onClick={(event) =>
        event.ctrlKey || event.metaKey || event.shiftKey ? onToggle(tile, event.shiftKey) : onOpen(tile)
      }
      onPointerEnter={find}
      onPointerMove={sprites === null ? undefined : scrub}
      onPointerLeave={() => setPlace(null)}
    >
      <Still {...{ tile, width, height }} />
      {place === null || sprites === null || tile.kind !== "shot" ? null : (
        <Scrubbed {...{ shot: tile.item, sprites, place, width, height }} />
      )}
    </button>
  )
}

/** Wider than a thumbnail: then the poster is sharper. */
const THUMBNAIL_PX = 256

function Still({ tile, width, height }: Pick<PictureProps, "tile" | "width" | "height">) {
  const [gone, setGone] = useState<readonly string[]>([])
  if (tile.kind === "failed") return <span class="absent" data-says="failed" />
  const { thumbnail, aspect } = tile.item
  const poster = tile.kind === "shot" ? tile.item.poster : null
  const isPoster = poster !== null && !gone.includes(poster) && (thumbnail === null || width > THUMBNAIL_PX)
  const url = isPoster ? poster : thumbnail
  if (url === null || gone.includes(url)) return <span class="absent" data-says="no picture" />
  const side = thumbnailSide(aspect, width, height)
  const style = isPoster ? {} : { width: `${side}px`, height: `${side}px` }
  return (
    <img
      alt=""
      decoding="async"
      draggable={false}
      class={isPoster ? "poster" : ""}
      style={style}
      src={url}
      onError={() => setGone([...gone, url])}
    />
  )
}

type ScrubbedProps = {
  readonly shot: Shot
  readonly sprites: Sprites
  readonly place: number
  readonly width: number
  readonly height: number
}

function Scrubbed({ shot, sprites, place, width, height }: ScrubbedProps) {
  const index = indexAt(place, shot.movieFrames)
  const { column, row } = spriteAt(sprites, index)
  const scale = Math.min(width / sprites.width, height / sprites.height)
  const [across, down] = [sprites.width * scale, sprites.height * scale]
  return (
    <span class="scrubbed">
      <span
        class="sprite"
        style={{
          width: `${across}px`,
          height: `${down}px`,
          backgroundImage: `url("${sprites.url}")`,
          backgroundSize: `${across * sprites.columns}px ${down * sprites.rows}px`,
          backgroundPosition: `${-column * across}px ${-row * down}px`,
        }}
      />
      <span class="at">{frameNumbers(shot).at(index)}</span>
      <span class="needle" style={{ left: `${place * 100}%` }} />
    </span>
  )
}

const MOST_CELLS = 240

const COLOURS: Readonly<Record<Kind | "none", string>> = {
  made: "var(--made)",
  remarkable: "var(--warn)",
  failed: "var(--bad)",
  missing: "var(--missing)",
  none: "transparent",
}

/** One element, painted, however many frames there are. */
export function Bar({ shot }: { readonly shot: Shot }) {
  const backgroundImage = useMemo(() => gradientOf(shot), [shot])
  return <span class="bar" role="img" aria-label={barText(shot)} style={{ backgroundImage }} />
}

const barText = (shot: Shot): string =>
  visible(
    [
      `Frames ${spanText(shot)}`,
      ...(shot.missing === "" ? [] : [`missing ${shot.missing}`]),
      ...(shot.failed === "" ? [] : [`failed ${shot.failed}`]),
    ].join(", "),
  )

function gradientOf(shot: Shot): string {
  const remarkable = shot.findings.flatMap(([, ranges]) => ranges.split(/[;\s]+/))
  const { cells } = barCells({ ...shot, remarkable }, MOST_CELLS) ?? { cells: [] }
  const starts = cells.flatMap((kind, at) => (at > 0 && cells[at - 1] === kind ? [] : [{ kind, at }]))
  const stops = starts.map(({ kind, at }, run) => {
    const end = starts[run + 1]?.at ?? cells.length
    return `${COLOURS[kind ?? "none"]} ${percent(at, cells.length)} ${percent(end, cells.length)}`
  })
  return stops.length === 0 ? "none" : `linear-gradient(to right, ${stops.join(", ")})`
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(3)}%`
