import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Rate } from "../index.ts"
import { frameAtTime, type Loop, loopFrom, loopTo, type Speed, shuttle, timeOfFrame, withinLoop } from "../playback.ts"

export type Playback = {
  /** The frame that is seen, counted from 0. */
  readonly index: number
  readonly speed: Speed
  readonly goTo: (index: number) => void
  readonly toggle: () => void
  readonly press: (key: "j" | "k" | "l") => void
  readonly loop: Loop
  /** The loop begins, or ends, at the frame that is seen; or holds all of them again. */
  readonly setLoop: (at: "in" | "out" | "whole") => void
}

type Movie = { readonly rate: Rate; readonly frames: number }

type VideoRef = { readonly current: HTMLVideoElement | null }

/** Plays at a speed above 0, and pauses at any other; tells when it was paused again before it played, or refused. */
export function playForwards(video: HTMLVideoElement, speed: number, onRefused: () => void): void {
  if (speed <= 0) {
    video.pause()
    return
  }
  video.playbackRate = speed
  video.play().catch((error: unknown) => {
    // The element itself says what it cannot play.
    if (!(error instanceof DOMException)) throw error
    onRefused()
  })
}

/** Plays the movie of an element by its frames: forwards as the browser does, backwards frame by frame. */
export function usePlayback(video: VideoRef, { rate, frames }: Movie): Playback {
  const [index, setIndex] = useState(0)
  const [speed, setSpeed] = useState<Speed>(0)
  const [loop, setLoop] = useState<Loop>({ from: 0, to: frames - 1 })
  const wanted = useRef(0)
  const goTo = useMemo(
    () => (to: number) => {
      wanted.current = Math.max(0, Math.min(frames - 1, to))
      setIndex(wanted.current)
      if (video.current !== null) video.current.currentTime = timeOfFrame(wanted.current, rate)
    },
    [video, rate, frames],
  )
  useShownFrames(video, (seconds) => {
    const shown = Math.min(frames - 1, frameAtTime(seconds, rate))
    const isPlaying = video.current?.paused === false
    if (isPlaying) wanted.current = shown
    if (video.current?.seeking === false) setIndex(shown)
    // The element goes on by itself from the last frame of all.
    if (isPlaying && shown >= loop.to && loop.to < frames - 1) goTo(loop.from)
    else if (isPlaying && shown < loop.from) goTo(loop.from)
  })
  useEffect(() => {
    if (video.current === null) return
    playForwards(video.current, speed, () => setSpeed(0))
    return speed >= 0
      ? undefined
      : backwards(speed * (rate.num / rate.den), (by) => goTo(withinLoop(loop, wanted.current - by)))
  }, [video, speed, rate, loop, goTo])
  const stopAt = (to: number): void => {
    setSpeed(0)
    goTo(to)
  }
  return {
    index,
    speed,
    goTo: stopAt,
    toggle: () => setSpeed((now) => (now === 0 ? 1 : 0)),
    press: (key) => setSpeed((now) => shuttle(now, key)),
    loop,
    setLoop: (at) =>
      setLoop(at === "in" ? loopFrom(loop, index) : at === "out" ? loopTo(loop, index) : { from: 0, to: frames - 1 }),
  }
}

/** Calls back for each frame that the browser shows, with its time. */
function useShownFrames(video: VideoRef, onFrame: (seconds: number) => void): void {
  const told = useRef(onFrame)
  told.current = onFrame
  useEffect(() => {
    const { current } = video
    if (current === null) return
    const listen: VideoFrameRequestCallback = (_, { mediaTime }) => {
      told.current(mediaTime)
      request = current.requestVideoFrameCallback(listen)
    }
    let request = current.requestVideoFrameCallback(listen)
    return () => current.cancelVideoFrameCallback(request)
  }, [video])
}

/** Goes back by as many frames as time has passed for; returns how to stop. */
function backwards(framesPerSecond: number, goBackBy: (frames: number) => void): () => void {
  let due = 0
  let before = performance.now()
  const tick = (now: number): void => {
    due += ((now - before) / 1000) * -framesPerSecond
    before = now
    const whole = Math.floor(due)
    if (whole > 0) goBackBy(whole)
    due -= whole
    request = requestAnimationFrame(tick)
  }
  let request = requestAnimationFrame(tick)
  return () => cancelAnimationFrame(request)
}
