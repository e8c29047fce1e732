import { fileNameOf, folderOf } from "../../element/key.ts"
import type { Rational } from "../../events/records.generated.ts"
import { believedRate } from "../../picture/read/select/timing.ts"
import { type Place, statedFolder } from "./places.ts"

// What an OpenTimelineIO file says of the sequences of images that its clips are cut from.

/** A sequence as a clip names it; frames as ranges, `1001-1040`, or `1001-1039x2` where every second one is there. */
export type StatedSequence = {
  /** Folder of the frames in the bucket of the file, with its slash. */
  readonly folder: string
  readonly head: string
  readonly tail: string
  readonly clip: string
  /** Frames that the media are said to have, handles included. */
  readonly frames: string
  /** Those that the clip shows of them; null where it shows all. */
  readonly shown: string | null
  readonly rate: Rational | null
  readonly gaps: "error" | "hold" | "black" | null
}

export type Stated = {
  readonly sequences: readonly StatedSequence[]
  /** References that were left out, and why; at most {@link MOST_LIES}, the others are counted. */
  readonly lies: readonly string[]
  readonly lieCount: number
}

const MOST_BYTES = 64 * 2 ** 20
const MOST_OBJECTS = 1_000_000
const MOST_LIES = 20

/** More than 24 hours have at 120 frames a second are no shot. */
const MOST_FRAMES = 24 * 3600 * 120

type Json = Readonly<Record<string, unknown>>

/** What the file says, or what is wrong with it, as the end of a sentence. `place` is where the file lies. */
export function readOtio(bytes: Uint8Array, place: Place): Stated | { readonly problem: string } {
  if (bytes.length > MOST_BYTES) return { problem: `is larger than ${MOST_BYTES / 2 ** 20} MiB` }
  const root = parsed(bytes)
  if (!isObject(root) || schemaOf(root) === "") return { problem: "is no OpenTimelineIO file" }
  const sequences: StatedSequence[] = []
  const lies: string[] = []
  let [objects, lieCount] = [0, 0]
  for (const object of objectsIn(root)) {
    if (++objects > MOST_OBJECTS) return { problem: `holds more than ${MOST_OBJECTS} objects` }
    if (schemaOf(object) !== "Clip") continue
    for (const reference of referencesOf(object)) {
      const stated = statedBy(object, reference, place)
      if (typeof stated !== "string") sequences.push(...(stated === null ? [] : [stated]))
      else if (lieCount++ < MOST_LIES) lies.push(stated)
    }
  }
  return { sequences, lies, lieCount }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null
    throw error
  }
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** `Clip` of `Clip.2`. */
const schemaOf = ({ OTIO_SCHEMA: schema }: Json): string =>
  typeof schema === "string" ? (schema.split(".")[0] ?? "") : ""

/** Every object of the file in its order, without recursion: files may be nested as deeply as JSON allows. */
function* objectsIn(root: Json): Generator<Json> {
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (isObject(value)) yield value
    // What tools note down for themselves may look like anything.
    const inside = isObject(value) ? Object.keys(value).map((key) => (key === "metadata" ? null : value[key])) : value
    if (Array.isArray(inside))
      for (let at = inside.length - 1; at >= 0; at--) if (isNested(inside[at])) open.push(inside[at])
  }
}

const isNested = (value: unknown): boolean => typeof value === "object" && value !== null

/** Clip.1 has one reference, Clip.2 named ones, of which one is active. */
function referencesOf(clip: Json): readonly Json[] {
  const named = isObject(clip.media_references) ? clip.media_references : {}
  const active =
    typeof clip.active_media_reference_key === "string" ? named[clip.active_media_reference_key] : undefined
  return [active ?? clip.media_reference].filter(isObject)
}

/** A sequence; null where the reference is of something else; a sentence where it cannot be true. */
function statedBy(clip: Json, reference: Json, place: Place): StatedSequence | string | null {
  const name = textOf(clip.name) || "unnamed"
  const lie = (says: string): string => `Clip ${JSON.stringify(name.slice(0, 100))} ${says}.`
  const source = schemaOf(reference) === "ImageSequenceReference" ? ofImages(reference) : ofPattern(reference)
  if (source === null) return null
  if (typeof source === "string") return lie(source)
  const { base, head, tail, first, step, rate, available } = source
  const folder = statedFolder(base, place)
  if (folder === null) return lie("names frames elsewhere than in this folder and below it")
  if (/[/\\\0]/.test(head + tail)) return lie("names frames that are in no folder")
  const shown = rangeOf(clip.source_range, rate)
  const media = available ?? shown
  if (!media || shown === undefined || available === undefined) return lie("has no range that can be counted")
  if (shown !== null && !isInside(shown, media)) return lie("shows frames that its media are said not to have")
  // As OpenTimelineIO counts: 40 frames in steps of 3 are 13 images.
  const numbers = { first, step, images: Math.max(1, Math.floor(media.count / step)) }
  const numbered = (range: Range): string | null => runText(numbers, range.first - media.first, range.count)
  const frames = numbered(media)
  if (frames === null) return lie("numbers its frames in a way that there is none")
  return {
    ...{ folder, head, tail, clip: name, rate: believedRate(rate), gaps: gapsOf(reference) },
    frames,
    shown: available === null || shown === null ? null : numbered(shown),
  }
}

const isInside = (inner: Range, outer: Range): boolean =>
  inner.first >= outer.first && inner.first + inner.count <= outer.first + outer.count

type Source = {
  readonly base: string
  readonly head: string
  readonly tail: string
  /** Number of the frame at the start of the media. */
  readonly first: number
  readonly step: number
  readonly rate: number
  /** In the media's own time; null where they are said to be as long as the clip wants them. */
  readonly available: Range | null | undefined
}

function ofImages(reference: Json): Source | string {
  const { start_frame: first, frame_step: step, rate } = reference
  const isWhole = Number.isSafeInteger(first) && Number.isSafeInteger(step) && Number(step) >= 1
  if (!isWhole || typeof rate !== "number" || !(rate > 0)) return "numbers its frames in a way that there is none"
  const [head, tail] = [textOf(reference.name_prefix), textOf(reference.name_suffix)]
  const numbers = { first: Number(first), step: Number(step), rate }
  return {
    base: textOf(reference.target_url_base),
    head,
    tail,
    ...numbers,
    available: rangeOf(reference.available_range, rate),
  }
}

const PATTERN = /^(.*?)(?:%0?\d*d|\$F\d*|#+|@+)([^%$#@]*)$/

/** `beauty.%04d.exr`, in whose ranges the numbers of frames are the times. */
function ofPattern(reference: Json): Source | string | null {
  const url = textOf(reference.target_url)
  const [, head, tail] = PATTERN.exec(fileNameOf(url)) ?? []
  const range = reference.available_range
  const rate = isObject(range) && isObject(range.start_time) ? range.start_time.rate : undefined
  if (schemaOf(reference) !== "ExternalReference" || head === undefined || tail === undefined) return null
  const available = typeof rate === "number" ? rangeOf(range, rate) : undefined
  if (!available || typeof rate !== "number") return "has no range that can be counted"
  return { base: folderOf(url), head, tail, first: available.first, step: 1, rate, available }
}

type Range = { readonly first: number; readonly count: number }

/** A TimeRange in frames of a rate; null where there is none, undefined where it cannot be. */
function rangeOf(range: unknown, rate: number): Range | null | undefined {
  if (range === null || range === undefined) return null
  if (!isObject(range)) return undefined
  const [first, count] = [framesOf(range.start_time, rate), framesOf(range.duration, rate)]
  return Number.isSafeInteger(first) && count >= 1 && count <= MOST_FRAMES ? { first, count } : undefined
}

function framesOf(time: unknown, rate: number): number {
  if (!isObject(time) || typeof time.value !== "number" || typeof time.rate !== "number") return Number.NaN
  return Math.round(time.value * (rate / time.rate))
}

type Numbers = { readonly first: number; readonly step: number; readonly images: number }

/** Numbers of the frames that are there in a part of the media. null where none is, or a number is none. */
function runText({ first, step, images }: Numbers, from: number, count: number): string | null {
  const [start, end] = [Math.ceil(from / step), Math.min(Math.floor((from + count - 1) / step), images - 1)]
  const [one, last] = [first + start * step, first + end * step]
  if (start > end || !Number.isSafeInteger(one) || !Number.isSafeInteger(last)) return null
  return start === end ? `${one}` : `${one}-${last}${step === 1 ? "" : `x${step}`}`
}

function gapsOf({ missing_frame_policy: policy }: Json): StatedSequence["gaps"] {
  return policy === "error" || policy === "hold" || policy === "black" ? policy : null
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
