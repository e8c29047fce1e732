// What a review copy is made of: segments that are encoded alone, each named by all that decides its pictures.

import { createHash } from "node:crypto"
import { rangesText } from "../../element/frame-ranges.ts"
import { framesSinceMidnight, timecodeAt } from "../encode/timecode.ts"
import type { ReviewFrame, ReviewOrder } from "../index.ts"
import { type BurnIn, burnInSubtitles, POSITIONS, type Position, slateSubtitles } from "./subtitles.ts"

/**
 * Frames of a segment: two seconds of film. Longer ones are no smaller by more than a few percent, and a frame that changed
 * has all of its segment encoded again.
 */
export const SEGMENT_FRAMES = 48

/** Raised whenever other bytes are made of the same. */
const RECIPE = 1

export type Segment = {
  /** Names everything that decides its bytes: pictures, texts, encoder. */
  readonly key: string
  /** Pictures in the order in which they are shown; null for the one of a slate. */
  readonly pictures: readonly number[] | null
  readonly subtitles: string
}

export type ReviewPlan = {
  readonly segments: readonly Segment[]
  /** Of the slate, which stands first. */
  readonly timecode: string
  readonly frames: number
  /** Frames of the movie that were left out before the first. */
  readonly skipped: number
}

/** Who encodes: the version of the encoder, and what names its fonts. */
export type Means = { readonly encoder: string; readonly fonts: string }

/**
 * Frames belong to segments by their number, not by their place: where frames are added in front, the segments behind stay
 * what they are.
 */
export function planReview(order: ReviewOrder, means: Means): ReviewPlan {
  const shown = withoutHandles(order)
  const [first] = shown.frames
  if (first === undefined) throw new Error("A review copy shows one frame at least.")
  const texts = textsOf(order, shown)
  const keyOf = keying(order, means)
  const segments = [slateOf(order, shown, keyOf)]
  for (let at = 0; at < shown.frames.length; ) {
    const end = endOfSegment(shown.frames, at)
    const frames = shown.frames.slice(at, end)
    const subtitles = burnInSubtitles(
      order,
      frames.map((frame, index) => texts(frame, at + index)),
    )
    const key = keyOf(
      subtitles,
      frames.map(({ identity }) => identity),
    )
    segments.push({ key, pictures: frames.map(({ picture }) => picture), subtitles })
    at = end
  }
  const { skipped, frames } = shown
  return { segments, timecode: timecodeBehind(order, skipped - 1), frames: frames.length + 1, skipped }
}

/** Frames without handles, and how many of the movie's were left out in front. */
type Shown = { readonly frames: readonly ReviewFrame[]; readonly skipped: number }

/** Where handles are all that there is, nothing is left out. */
function withoutHandles({ frames, handles }: ReviewOrder): Shown {
  const kept = frames.slice(handles, frames.length - handles)
  return kept.length === 0 ? { frames, skipped: 0 } : { frames: kept, skipped: handles }
}

function endOfSegment(frames: readonly ReviewFrame[], start: number): number {
  const segment = Math.floor((frames[start]?.number ?? 0) / SEGMENT_FRAMES)
  let end = start + 1
  while (Math.floor((frames[end]?.number ?? Number.NaN) / SEGMENT_FRAMES) === segment) end++
  return end
}

type KeyOf = (subtitles: string, pictures: readonly string[]) => string

/** Equal keys have equal bytes: whatever an encoder is told is in them. */
function keying({ width, height, rate, crf, preset }: ReviewOrder, means: Means): KeyOf {
  const shared = { RECIPE, SEGMENT_FRAMES, width, height, rate: [rate.num, rate.den], crf, preset, ...means }
  return (subtitles, pictures) =>
    createHash("sha256")
      .update(JSON.stringify([shared, subtitles, pictures]))
      .digest("hex")
      .slice(0, 32)
}

type TextsOf = (frame: ReviewFrame, place: number) => BurnIn

function textsOf(order: ReviewOrder, { skipped }: Shown): TextsOf {
  return (frame, place) => {
    const facts = {
      ...order.facts,
      frame: String(frame.number),
      date: frame.date,
      timecode: timecodeBehind(order, skipped + place),
    }
    const texts = Object.fromEntries(POSITIONS.map((position) => [position, filled(order.texts[position], facts)]))
    return { texts: texts as Readonly<Record<Position, string>>, mark: markOf(frame) }
  }
}

const markOf = ({ number, shows }: ReviewFrame): string | null =>
  shows === number ? null : `${number} missing: ${shows} held`

/** `{shot} {version}` with what the facts say of them. */
const filled = (template: string, facts: ReviewOrder["facts"]): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? "").trim()

/** Timecode of the frame that is `frames` behind the movie's first. */
function timecodeBehind({ timecode, rate }: Pick<ReviewOrder, "timecode" | "rate">, frames: number): string {
  const counting = timecode.includes(";") ? "drop-frame" : "all"
  return timecodeAt(framesSinceMidnight(timecode, rate) + frames, rate, counting)
}

function slateOf(order: ReviewOrder, { frames, skipped }: Shown, keyOf: KeyOf): Segment {
  const [first, last] = [frames[0], frames.at(-1)]
  const held = frames.filter(({ number, shows }) => shows !== number).map(({ number }) => number)
  const timecodes = [skipped, skipped + frames.length - 1].map((at) => timecodeBehind(order, at))
  const lines = [
    ...order.slate,
    ["Frames", `${first?.number} to ${last?.number} (${frames.length})`],
    ...(frames.length === order.frames.length ? [] : [["Handles", `${order.handles} frames left out at each end`]]),
    ["Held", held.length === 0 ? "none" : rangesText(Float64Array.from(held))],
    ["Timecode", timecodes.join(" to ")],
    ["Rate", order.rate.den === 1 ? `${order.rate.num}` : `${order.rate.num}/${order.rate.den}`],
    ["Size", `${order.width} x ${order.height}`],
    ["Date", frames.reduce((latest, { date }) => (date > latest ? date : latest), "")],
  ] as const
  const subtitles = slateSubtitles(order, {
    title: filled("{shot} {version}", order.facts),
    lines: lines.map(([label = "", value = ""]) => [label, value]),
  })
  return { key: keyOf(subtitles, []), pictures: null, subtitles }
}
