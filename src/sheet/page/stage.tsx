import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import { frameNumbers } from "../frame-numbers.ts"
import type { Rate, Shot } from "../index.ts"
import { type Comparing, type Speed, timeOfFrame } from "../playback.ts"
import type { Tile } from "../tiles.ts"
import { playForwards } from "./playback.ts"

type StageProps = {
  readonly tile: Tile
  readonly video: { readonly current: HTMLVideoElement | null }
  readonly isMuted: boolean
  /** The version that the shot is compared with, and how. */
  readonly other: Shot | null
  readonly comparing: Comparing | null
  readonly index: number
  readonly speed: Speed
  /** Of the frame that is seen. */
  readonly number: number | null
}

/** The movie, the frame's own picture, or why there is none. */
export function Stage(props: StageProps) {
  const { tile, video, isMuted, other, comparing } = props
  const [isBroken, setBroken] = useState(false)
  if (tile.kind === "failed") return <Absent says={tile.item.code} />
  const url = tile.kind === "shot" ? tile.item.movie : tile.item.proxy
  const poster = tile.kind === "shot" ? (tile.item.poster ?? tile.item.thumbnail) : tile.item.thumbnail
  if (url === null)
    return poster === null ? (
      <Absent says={whyNone(tile)} />
    ) : (
      <div class="stage">
        <img src={poster} alt="" />
      </div>
    )
  if (isBroken) return <Absent says={whyBroken()} />
  return (
    <div class={comparing === "side" && other !== null ? "stage side" : "stage"}>
      <video
        ref={video}
        src={url}
        muted={isMuted}
        loop
        playsInline
        preload="auto"
        poster={poster ?? undefined}
        onError={() => setBroken(true)}
      />
      {other === null || comparing === null ? null : <Compared {...{ ...props, other, comparing }} />}
    </div>
  )
}

type ComparedProps = StageProps & { readonly other: Shot; readonly comparing: Comparing }

/** The other version over the shot, or beside it. */
function Compared({ other, comparing, number, index, speed }: ComparedProps) {
  const [wipe, setWipe] = useState(50)
  const name = other.version === null ? "other" : visible(`v${other.version}`)
  return (
    <>
      <Over {...{ shot: other, number: number ?? index, speed, comparing, wipe }} />
      {comparing === "wipe" ? (
        <input
          class="wipe"
          type="range"
          min="0"
          max="100"
          step="0.1"
          value={wipe}
          aria-label="Wipe"
          onInput={({ currentTarget }) => setWipe(Number(currentTarget.value))}
        />
      ) : null}
      {comparing === "wipe" ? (
        <span class="edge" style={{ left: `${wipe}%` }}>
          <span>{name} ▸</span>
        </span>
      ) : (
        <span class={`compared ${comparing}`}>{comparing === "side" ? name : `difference from ${name}`}</span>
      )}
    </>
  )
}

/** What every movie of ours is. */
const OUR_CODEC = 'video/mp4; codecs="avc1.640028"'

const whyBroken = (): string =>
  document.createElement("video").canPlayType(OUR_CODEC) === ""
    ? "This browser cannot play H.264, which the movies are. Chrome, Edge, Safari and Firefox with its codecs can."
    : "The movie is not there any more, or this browser cannot play it."

const Absent = ({ says }: { readonly says: string }) => <div class="stage absent">{says}</div>

const whyNone = (tile: Tile): string =>
  tile.kind === "shot" ? (tile.item.failureCode ?? "There is no movie yet.") : "The picture is not in this file."

type OverProps = {
  readonly shot: Shot
  readonly number: number
  readonly speed: Speed
  readonly comparing: Comparing
  readonly wipe: number
}

/** How far the two movies may be apart while they play, frames. */
const MOST_APART = 1.5

/** Another version, kept at the same frame number. */
function Over({ shot, number, speed, comparing, wipe }: OverProps) {
  const video = useRef<HTMLVideoElement>(null)
  const numbers = useMemo(() => frameNumbers(shot), [shot])
  const rate: Rate = shot.rate ?? { num: 24, den: 1 }
  useEffect(() => {
    const { current } = video
    if (current === null) return
    const time = timeOfFrame(Math.min(numbers.indexOf(number), shot.movieFrames - 1), rate)
    const isApart = Math.abs(current.currentTime - time) * (rate.num / rate.den) > MOST_APART
    if (speed > 0 ? isApart : current.currentTime !== time) current.currentTime = time
  }, [number, speed, numbers, rate, shot])
  useEffect(() => {
    // Where it is refused its twin is, too, and says so.
    if (video.current !== null) playForwards(video.current, speed, () => undefined)
  }, [speed])
  return (
    <video
      ref={video}
      class={comparing === "side" ? "" : `over ${comparing}`}
      src={shot.movie ?? undefined}
      muted
      loop
      playsInline
      preload="auto"
      style={{ clipPath: comparing === "wipe" ? `inset(0 0 0 ${wipe}%)` : "none" }}
    />
  )
}
