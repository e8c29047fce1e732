// What makes movies of sequences is told, and promises.

import type { GapPolicy } from "../element/frame-ranges.ts"
import type { Rational } from "../events/records.generated.ts"
import type { Result } from "../events/result.ts"
import type { DrawnSheet, PosterChoice, SheetOrder, Thumbnail, ThumbnailLook } from "./encode/sheet/order.ts"
import type { SoundPlace } from "./encode/sound/place.ts"
import type { Wav } from "./encode/sound/wav.ts"
import type { BlackOrder } from "./model.ts"

/** What a movie is to be stitched of. */
export type MovieOrder = {
  /** Numbers of the frames that there are, ascending; by its place here each is read. */
  readonly found: Float64Array
  /** What the movie spans, both ends included. */
  readonly range: { readonly first: number; readonly last: number }
  readonly gaps: GapPolicy
  /** How the proxies were encoded, for a black picture among them. */
  readonly encoding: Pick<BlackOrder, "proxyCrf" | "proxyPreset">
  /** Those that a plate has at its frames, of which most decide; where there are none, the frame numbers count from midnight. */
  readonly timecodes: Iterable<{ readonly frame: number; readonly text: string }>
  /** Bytes [start, end) of the one-frame movie of a frame, clipped to its end: always of one and the same version. */
  readonly read: (picture: number, start: number, end: number) => Promise<Result<Uint8Array>>
  /** A WAV, and a folder for what is made of it; or why there is none, as the end of a sentence; null for no sound. */
  readonly sound: { readonly file: string; readonly folder: string } | { readonly problem: string } | null
  readonly toFile: string
  readonly signal: AbortSignal
}

/** What is heard of a movie. */
export type SoundOfMovie = {
  readonly channels: number
  /** Samples a second. */
  readonly sampleRate: number
}

export type MovieFile = {
  readonly width: number
  readonly height: number
  readonly rate: Rational
  /** Of the first frame. */
  readonly timecode: string
  /** Frames that it shows, held ones included. */
  readonly frames: number
  /** null where it is silent. */
  readonly sound: SoundOfMovie | null
  /** What is not as it might be expected, a sentence each. */
  readonly warnings: readonly string[]
}

/** The sound of a movie that is to be encoded. */
export type SoundOrder = {
  /** Name of the file that is written in the folder. */
  readonly aacFile: string
  readonly folder: string
  readonly wavFile: string
  readonly wav: Wav
  readonly place: SoundPlace
  readonly signal: AbortSignal
}

/** The pictures that stand for a movie: which frames it shows, where these are read, and where files are written. */
export type IllustrationOrder = Pick<MovieOrder, "found" | "range" | "gaps"> & {
  /** The movie, as it was stitched. */
  readonly movie: MovieFile
  readonly poster: PosterChoice
  /** The thumbnail of a frame, by its place among the found ones, as its fact describes it; null where nothing does. */
  readonly thumbnailOf: (picture: number) => Thumbnail | null
  /** Fails as the store does; what is missing or was replaced is left black. */
  readonly readThumbnail: (picture: number) => Promise<Result<Uint8Array>>
  /** The whole one-frame movie of a frame. */
  readonly readProxy: (picture: number) => Promise<Result<Uint8Array>>
  /** Empty but for files of whoever asks; all that is written there is called by the names of {@link Illustrations}. */
  readonly folder: string
  /** File name of the sheet, beside which the cues lie. */
  readonly sheetName: string
  readonly signal: AbortSignal
}

/** Written files by what they are; without those that could not be made, of which the warnings say why. */
export type Illustrations = {
  readonly files: { readonly [name in "poster" | "sprites" | "sprites_vtt"]?: string }
  readonly warnings: readonly string[]
  /** What was seen of the thumbnails that were looked at, by the frame's place among the found ones. */
  readonly looks: ReadonlyMap<number, ThumbnailLook>
}

/** Draws in render processes what stands for a movie, of files that nobody trusts. Fails: tool/*, stopped. */
export interface MovieDrawing {
  /** The sheet as a JPEG. */
  sheet(order: SheetOrder, signal: AbortSignal): Promise<Result<DrawnSheet>>
  /** The first picture of a movie as a JPEG of the movie's size, with its code values. */
  poster(order: PosterOrder): Promise<Result<Uint8Array>>
  /** A black picture as a one-frame movie; `folder` has room for it. */
  black(order: BlackOrder, at: { readonly folder: string; readonly signal: AbortSignal }): Promise<Result<Uint8Array>>
}

export type PosterOrder = {
  /** The movie's file, and an empty place beside it. */
  readonly movieFile: string
  readonly folder: string
  readonly width: number
  readonly height: number
  /** 1..100. */
  readonly quality: number
  readonly signal: AbortSignal
}

/** Makes the movie of a sequence out of the one-frame movies of its frames, without encoding anything. */
export interface MovieMaker {
  /** Every frame is bit for bit its own proxy's. Fails: sequence/*, scratch/full, source/changed, and as `read` does. */
  stitch(order: MovieOrder): Promise<Result<MovieFile>>
  /** The pictures that stand for it: a poster, and a sheet to scrub by with its cues. Fails: scratch/full, stopped, and as is read. */
  illustrate(order: IllustrationOrder): Promise<Result<Illustrations>>
  /** Writes a text beside it, piece by piece. Fails: scratch/full. */
  write(file: string, pieces: Iterable<string>): Promise<Result<void>>
}
