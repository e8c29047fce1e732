import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import { frameNumbers } from "../frame-numbers.ts"
import type { Sheet, Shot } from "../index.ts"
import { pathOf } from "../list.ts"
import { type Command, commandOf } from "../playback.ts"
import { keyOf, type Tile, versionsOf } from "../tiles.ts"
import { Evidence } from "./evidence.tsx"
import { IconButton } from "./icons.tsx"
import { usePlayback } from "./playback.ts"
import { copyText } from "./selection.tsx"
import { Stage } from "./stage.tsx"
import { Transport } from "./transport.tsx"

type PlayerProps = {
  readonly sheet: Sheet
  /** As they are shown, to go on to the next one. */
  readonly tiles: readonly Tile[]
  readonly opened: Tile
  readonly onOpen: (tile: Tile) => void
  readonly onClose: () => void
}

/** One shot, frame or failure, large: its movie and what is known of it. */
export function Player(props: PlayerProps) {
  const { opened, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    // Keys are the player's from the start, and no button looks as if it were meant.
    dialog.current?.querySelector<HTMLElement>(".viewer")?.focus()
  }, [])
  return (
    <dialog ref={dialog} class="player" aria-label={visible(keyOf(opened))} onClose={onClose}>
      <Opened key={opened.id} {...props} />
    </dialog>
  )
}

const DEFAULT_RATE = { num: 24, den: 1 }

function Opened({ sheet, tiles, opened, onOpen, onClose }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const movie = useMemo(() => movieOf(opened), [opened])
  const playback = usePlayback(video, movie)
  const others = useMemo(() => (opened.kind === "shot" ? versionsOf(opened.item, sheet.shots) : []), [opened, sheet])
  const [other, setOther] = useState<Shot | null>(null)
  const [hasEvidence, setEvidence] = useState(true)
  const [isMuted, setMuted] = useState(false)
  const copy = (): void => void copyText(pathOf(opened, sheet.pathStart))
  const obey = (command: Command): void => {
    if (command.do === "toggle") playback.toggle()
    if (command.do === "shuttle") playback.press(command.key)
    if (command.do === "step") playback.goTo(playback.index + command.frames)
    if (command.do === "first") playback.goTo(0)
    if (command.do === "last") playback.goTo(movie.frames - 1)
    if (command.do === "full-screen") toggleFullScreen(stage.current)
    if (command.do === "wipe") setOther(other === null ? (others[0] ?? null) : null)
    if (command.do === "evidence") setEvidence(!hasEvidence)
    if (command.do === "copy") copy()
    if (command.do === "tile") {
      const next = tiles[tiles.findIndex(({ id }) => id === opened.id) + command.by]
      if (next !== undefined) onOpen(next)
    }
  }
  useKeys(obey)
  const number = opened.kind === "shot" ? movie.numbers.at(playback.index) : null
  return (
    <div class={hasEvidence ? "opened with-evidence" : "opened"}>
      <header class="line">
        <h2>{visible(keyOf(opened))}</h2>
        <Compared {...{ others, other }} onOther={setOther} />
        {opened.kind === "shot" ? (
          <IconButton
            icon={isMuted ? "silent" : "sound"}
            label="Sound"
            pressed={!isMuted}
            onClick={() => setMuted(!isMuted)}
          />
        ) : null}
        <IconButton icon="copy" label="Copy path (C)" onClick={copy} />
        <IconButton icon="info" label="Evidence (I)" pressed={hasEvidence} onClick={() => setEvidence(!hasEvidence)} />
        <IconButton icon="full" label="Full screen (F)" onClick={() => toggleFullScreen(stage.current)} />
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <div class="viewer" ref={stage} tabIndex={-1}>
        <Stage {...{ tile: opened, video, isMuted, other, index: playback.index, speed: playback.speed, number }} />
        {movie.frames > 1 && opened.kind === "shot" && opened.item.movie !== null ? (
          <Transport {...{ shot: opened.item, playback, numbers: movie.numbers }} />
        ) : null}
      </div>
      {hasEvidence ? <Evidence {...{ sheet, tile: opened, number }} /> : null}
    </div>
  )
}

function movieOf(tile: Tile) {
  const shot =
    tile.kind === "shot" ? tile.item : { made: "", failed: "", missing: "", gaps: "", rate: null, movieFrames: 1 }
  return { rate: shot.rate ?? DEFAULT_RATE, frames: Math.max(1, shot.movieFrames), numbers: frameNumbers(shot) }
}

function toggleFullScreen(stage: HTMLElement | null): void {
  const asked = document.fullscreenElement === null ? stage?.requestFullscreen() : document.exitFullscreen()
  asked?.catch((error: unknown) => {
    // A browser may refuse, or have none.
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error
  })
}

/** Keys of the player, wherever the focus is in it; those of lists and buttons stay theirs. */
function useKeys(obey: (command: Command) => void): void {
  const told = useRef(obey)
  told.current = obey
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey) return
      const { target } = event
      const isInList =
        target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.classList.contains("wipe"))
      const isOfButton = target instanceof HTMLButtonElement && event.key === " "
      const command = isInList || isOfButton ? null : commandOf(event.key, event.shiftKey)
      if (command === null) return
      event.preventDefault()
      told.current(command)
    }
    addEventListener("keydown", listen)
    return () => removeEventListener("keydown", listen)
  }, [])
}

type ComparedProps = {
  readonly others: readonly Shot[]
  readonly other: Shot | null
  readonly onOther: (shot: Shot | null) => void
}

/** Which other version is wiped over this one. */
function Compared({ others, other, onOther }: ComparedProps) {
  if (others.length === 0) return null
  const at = other === null ? -1 : others.indexOf(other)
  return (
    <label class="choose">
      <span class="dim">Wipe (W)</span>
      <select value={at} onChange={({ currentTarget }) => onOther(others[currentTarget.selectedIndex - 1] ?? null)}>
        <option value={-1}>Off</option>
        {others.map(({ version, name }, one) => (
          <option key={`${one}`} value={one}>
            {visible(version === null ? name : `v${version}`)}
          </option>
        ))}
      </select>
    </label>
  )
}
