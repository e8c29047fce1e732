import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import { frameNumbers } from "../frame-numbers.ts"
import type { Shot } from "../index.ts"
import { type Command, type Comparing, commandOf, nextComparing } from "../playback.ts"
import { keyOf, type Tile } from "../tiles.ts"
import { Icon, IconButton } from "./icons.tsx"
import { type Playback, usePlayback } from "./playback.ts"
import { copyText } from "./selection.tsx"
import { Stage } from "./stage.tsx"
import { Choose } from "./toolbar.tsx"
import { Transport } from "./transport.tsx"

type PlayerProps = {
  readonly opened: Tile
  /** Other versions of a shot, that have movies. */
  readonly versions: readonly Shot[]
  /** What is copied of it. */
  readonly path: string
  /** What is known of it, and of the frame that is seen, of a shot. */
  readonly evidence: (number: number | null) => ComponentChildren
  /** To the next tile, or to the one before. */
  readonly onStep: (by: 1 | -1) => void
  readonly onClose: () => void
}

/** One shot, frame or failure, large: its movie and what is known of it. */
export function Player(props: PlayerProps) {
  const { opened, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  // With the drawing, not after it: a key that is pressed at once is the player's, too.
  useLayoutEffect(() => {
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

function Opened({ opened, versions, path, evidence, onStep, onClose }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const movie = useMemo(() => movieOf(opened), [opened])
  const playback = usePlayback(video, movie)
  const compared = useCompared(versions)
  const [hasEvidence, setEvidence] = useState(true)
  const [isMuted, setMuted] = useState(false)
  const copy = (): void => void copyText(path)
  useKeys((command) => {
    playBy(command, playback, movie.frames)
    if (command.do === "full-screen") toggleFullScreen(stage.current)
    if (command.do === "compare") compared.next()
    if (command.do === "evidence") setEvidence(!hasEvidence)
    if (command.do === "copy") copy()
    if (command.do === "tile") onStep(command.by)
  })
  const number = opened.kind === "shot" ? movie.numbers.at(playback.index) : null
  const { index, speed } = playback
  return (
    <div class={hasEvidence ? "opened with-evidence" : "opened"}>
      <header class="line">
        <h2 dir="auto">{visible(keyOf(opened))}</h2>
        <Versions {...{ versions, compared }} />
        {opened.kind === "shot" ? (
          <IconButton
            icon={isMuted ? "silent" : "sound"}
            label="Sound"
            pressed={!isMuted}
            onClick={() => setMuted(!isMuted)}
          />
        ) : null}
        <Download tile={opened} />
        <IconButton icon="copy" label="Copy path (C)" onClick={copy} />
        <IconButton icon="info" label="Evidence (E)" pressed={hasEvidence} onClick={() => setEvidence(!hasEvidence)} />
        <IconButton icon="full" label="Full screen (F)" onClick={() => toggleFullScreen(stage.current)} />
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <div class="viewer" ref={stage} tabIndex={-1}>
        <Stage {...{ ...compared, tile: opened, video, isMuted, index, speed, number }} />
        {movie.frames > 1 && opened.kind === "shot" && opened.item.movie !== null ? (
          <Transport {...{ shot: opened.item, playback, numbers: movie.numbers }} />
        ) : null}
      </div>
      {hasEvidence ? evidence(number) : null}
    </div>
  )
}

function playBy(command: Command, { index, goTo, toggle, press, setLoop }: Playback, frames: number): void {
  if (command.do === "toggle") toggle()
  if (command.do === "shuttle") press(command.key)
  if (command.do === "step") goTo(index + command.frames)
  if (command.do === "first") goTo(0)
  if (command.do === "last") goTo(frames - 1)
  if (command.do === "in" || command.do === "out" || command.do === "whole") setLoop(command.do)
}

/** The movie, or the single frame's own, as a file. */
function Download({ tile }: { readonly tile: Tile }) {
  const url = tile.kind === "shot" ? tile.item.movie : tile.kind === "frame" ? tile.item.proxy : null
  if (url === null) return null
  return (
    <a class="plain" href={url} download={`${tile.item.name}.mp4`} aria-label="Download" title="Download">
      <Icon name="save" />
    </a>
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

type Compared = {
  readonly other: Shot | null
  readonly comparing: Comparing | null
  readonly choose: (other: Shot | null) => void
  readonly chooseWay: (comparing: Comparing) => void
  /** The next way of comparing, at last none. */
  readonly next: () => void
}

function useCompared(versions: readonly Shot[]): Compared {
  const [other, setOther] = useState<Shot | null>(null)
  const [comparing, setComparing] = useState<Comparing | null>(null)
  const choose = (to: Shot | null): void => {
    setOther(to)
    setComparing(to === null ? null : (comparing ?? "wipe"))
  }
  const next = (): void => {
    const way = versions.length === 0 ? null : nextComparing(comparing)
    setComparing(way)
    setOther(way === null ? null : (other ?? versions[0] ?? null))
  }
  return { other, comparing, choose, chooseWay: setComparing, next }
}

const WAYS: readonly (readonly [Comparing, string])[] = [
  ["wipe", "Wipe"],
  ["side", "Side by side"],
  ["difference", "Difference"],
]

/** Which other version this one is compared with, and how. */
function Versions({ versions, compared }: { readonly versions: readonly Shot[]; readonly compared: Compared }) {
  if (versions.length === 0) return null
  const options = versions.map(
    ({ version, name }, at) => [`${at}`, visible(version === null ? name : `v${version}`)] as const,
  )
  return (
    <>
      <Choose
        label="Compare (W)"
        value={compared.other === null ? "none" : `${versions.indexOf(compared.other)}`}
        options={[["none", "Off"], ...options]}
        onValue={(at) => compared.choose(versions[Number(at)] ?? null)}
      />
      {compared.comparing === null ? null : (
        <Choose label="By" value={compared.comparing} options={WAYS} onValue={compared.chooseWay} />
      )}
    </>
  )
}
