import { type FrameNumbers, timecodeOf } from "../frame-numbers.ts"
import type { Shot } from "../index.ts"
import type { Loop } from "../playback.ts"
import { IconButton } from "./icons.tsx"
import type { Playback } from "./playback.ts"
import { Bar } from "./tile.tsx"

/** Which part of the bar is played. */
const LoopMark = ({ loop, frames }: { readonly loop: Loop; readonly frames: number }) => (
  <span
    class="loop"
    style={{ left: `${(loop.from / frames) * 100}%`, right: `${(1 - (loop.to + 1) / frames) * 100}%` }}
  />
)

type TransportProps = { readonly shot: Shot; readonly playback: Playback; readonly numbers: FrameNumbers }

/** The bar of the shot's frames, which leads to each, and where it is. */
export function Transport({ shot, playback, numbers }: TransportProps) {
  const { index, speed, goTo, toggle, loop, setLoop } = playback
  const isWhole = loop.from === 0 && loop.to === shot.movieFrames - 1
  const timecode = timecodeOf(shot, index)
  const number = numbers.at(index)
  return (
    <div class="transport">
      <div class="track">
        <Bar shot={shot} />
        {isWhole ? null : <LoopMark {...{ loop, frames: shot.movieFrames }} />}
        <input
          type="range"
          min="0"
          max={shot.movieFrames - 1}
          step="1"
          value={index}
          aria-label="Frame"
          aria-valuetext={`frame ${number}${timecode === null ? "" : `, ${timecode}`}`}
          onInput={({ currentTarget }) => goTo(Number(currentTarget.value))}
        />
      </div>
      <div class="line">
        <IconButton icon="back" label="First frame (Home)" onClick={() => goTo(0)} />
        <IconButton icon={speed === 0 ? "play" : "pause"} label="Play or pause (Space)" onClick={toggle} />
        <IconButton icon="forward" label="Last frame (End)" onClick={() => goTo(shot.movieFrames - 1)} />
        <IconButton icon="in" label="Loop from here (I)" pressed={loop.from > 0} onClick={() => setLoop("in")} />
        <IconButton
          icon="out"
          label="Loop to here (O)"
          pressed={loop.to < shot.movieFrames - 1}
          onClick={() => setLoop("out")}
        />
        <output class="number">{number}</output>
        <span class="timecode">{timecode ?? ""}</span>
        <span class="dim">
          {index + 1} of {shot.movieFrames.toLocaleString("en")}
          {Math.abs(speed) > 1 || speed < 0 ? ` · ${speed}×` : ""}
          {isWhole ? "" : ` · loop ${numbers.at(loop.from)}–${numbers.at(loop.to)}`}
        </span>
        <span class="dim keys">Space · J K L · ← → · I O X · F</span>
      </div>
    </div>
  )
}
