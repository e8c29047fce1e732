/** Pictures: what engines promise, which read headers, decode frames and encode outputs; and what they are told. */

import type { ByProfile } from "../element/profiles.ts"
import type { Rational } from "../events/records.generated.ts"
import type { Failure, Result } from "../events/result.ts"
import type { EarlierOutputsRequest } from "./earlier-outputs.ts"
import type { PicturePlan } from "./engines/plan.ts"
import type { FrameFacts } from "./metadata-file/index.ts"
import type { FramePixels, Inspected, InspectedSource, Reading, ReadRequest, Rendered, RenderJob } from "./model.ts"
import type { MovieDrawing, MovieFile, SoundOrder } from "./movies.ts"
import type { ToolContext } from "./tools/tool-context.ts"

export type { PosterChoice, Thumbnail } from "./encode/sheet/order.ts"
export type {
  ColourSettings,
  DataKind,
  DataPass,
  FramePixels,
  Inspected,
  InspectedSource,
  LabStorage,
  PassKind,
  PictureChoice,
  Reading,
  ReadRequest,
  Rectangle,
  Rendered,
  RenderedFile,
  RenderJob,
  RenderSettings,
  Scratch,
  ScratchFolder,
  StoredSamples,
} from "./model.ts"
export type {
  IllustrationOrder,
  Illustrations,
  MovieDrawing,
  MovieFile,
  MovieMaker,
  MovieOrder,
  PosterOrder,
  SoundOfMovie,
  SoundOrder,
} from "./movies.ts"

/** One decoded frame in every wanted output. */
export type DecodedFrame = {
  readonly pixels: ByProfile<FramePixels>
  /** What there is to say of looks that are tables. */
  readonly looks: Readonly<Record<string, string>>
} & Pick<Rendered, "route" | "toolVersions" | "timingsMs" | "nonFiniteCount" | "allBlack" | "nearlyBlack" | "warnings">

export type FrameOrder = ToolContext & { readonly job: RenderJob; readonly plan: PicturePlan }

/** The first port of an engine: header → what is shown, and how. */
export interface PictureReader {
  /** Reads the header alone, bounds-checked: format, picture to show, colour space. Starts no child process. */
  read(request: ReadRequest): Promise<Result<Reading>>
}

/** The second port: plan → rows of pixels of each wanted canvas, in the look asked for. Each decoder is an implementation. */
export interface FrameSource {
  /** One decode a frame, whatever the number of outputs; a still is a sequence of one frame. Fails: picture/*, tool/*, stopped. */
  frames(order: FrameOrder): AsyncIterable<Result<DecodedFrame>>
}

/**
 * Reads headers and renders pictures, out of three ports: {@link PictureReader}, {@link FrameSource}, and the encoders of
 * encode/index.ts (frames → file, by profile). Failures: picture/*, tool/*, scratch/full, stopped.
 */
export interface PictureEngine extends PictureReader {
  /** Raised whenever pictures change; part of every renderKey. */
  readonly recipe: number
  /** First 16 hex digits of the OCIO config's sha256. */
  readonly configHash: string
  /** One decode, all outputs, in `job.folder`. Same input, settings, recipe and CPU type: same bytes. */
  render(job: RenderJob): Promise<Result<Rendered>>
  /**
   * Whether outputs that an earlier recipe, or another OCIO config, made under these very settings show what today's would:
   * asked before a frame is fetched only because of those. Reads the header alone; in doubt no. Absent: never.
   */
  earlierOutputsHold?(asked: EarlierOutputsRequest): Promise<Result<boolean>>
  /** What is missing to render anything, empty when all is there. */
  missing(): Promise<readonly Failure[]>
  /** To be called when so many pictures, all in all, will be asked for soon: starts what the first of them would have to wait for. */
  begin(pictures: number): void
  /** Draws what stands for movies. */
  readonly drawing: MovieDrawing
  /** A stretch of a WAV as AAC, in a file of the order's folder. Fails: tool/*, scratch/full, stopped. */
  encodeSound(order: SoundOrder): Promise<Result<void>>
  /** Ends all that it has started, once no picture is being rendered any more. */
  close(): Promise<void>
  /** The native library's compiler and parts, asked of a render process. Fails: tool/missing where frames are made without it. */
  nativeParts?(): Promise<Result<NativeParts>>
}

/** The compiler of the native library, and what that stands on: versions by name. */
export type NativeParts = {
  readonly compiler: string
  readonly versions: Readonly<Record<string, string>>
  readonly protection: Protection
}

/** What protects this machine from a render process that a hostile file has taken over. */
export type Protection = {
  /** It starts no program, opens no connection, writes no file and signals nobody. */
  readonly refusesCalls: boolean
  /** It sees neither memory nor environment of other processes. */
  readonly hidesProcesses: boolean
}

/** What settings may name: colour spaces of sources, and looks of outputs. */
export type ColourNames = {
  readonly hasSpace: (name: string) => boolean
  readonly hasLook: (name: string) => boolean
  /** For whoever mistyped one. */
  readonly spaces: readonly string[]
  readonly looks: readonly string[]
}

/** A frame of a review copy. */
export type ReviewFrame = {
  readonly number: number
  /** The frame whose picture is shown: itself, or the one that is held in its place. */
  readonly shows: number
  /** By which that picture is read. */
  readonly picture: number
  /** Equal ones name the same picture, bit for bit. */
  readonly identity: string
  /** Day of that picture, yyyy-mm-dd. */
  readonly date: string
}

/** What is written over a frame; `{shot}` in it stands for what the facts say of the shot. */
export type ReviewTexts = Readonly<
  Record<"topLeft" | "topCenter" | "topRight" | "bottomLeft" | "bottomCenter" | "bottomRight", string>
>

/** What a review copy is to be made of. */
export type ReviewOrder = {
  readonly width: number
  readonly height: number
  readonly rate: Rational
  /** Of the first frame. */
  readonly timecode: string
  /** As the movie shows them. */
  readonly frames: readonly ReviewFrame[]
  /** Frames that are left out at either end. */
  readonly handles: number
  readonly texts: ReviewTexts
  /** What texts may name, beside the frame, the timecode and the date. */
  readonly facts: Readonly<Record<string, string>>
  /** What the slate says beside what follows from the frames. */
  readonly slate: readonly (readonly [label: string, value: string])[]
  /** Rate factor and speed of the encoder. */
  readonly crf: number
  readonly preset: string
}

export type ReviewJob = {
  readonly order: ReviewOrder
  /** Bytes [start, end) of the one-frame movie of a picture, clipped to its end: always of one and the same version. */
  readonly read: (picture: number, start: number, end: number) => Promise<Result<Uint8Array>>
  /** The same of the review copy that there was before; null where there was none. */
  readonly earlier: ((start: number, end: number) => Promise<Result<Uint8Array>>) | null
  /** The same of the movie, where it has a sound; null where it is silent. */
  readonly movie: ((start: number, end: number) => Promise<Result<Uint8Array>>) | null
  /** For temporary files. */
  readonly folder: string
  readonly toFile: string
  readonly signal: AbortSignal
}

export type ReviewFile = Omit<MovieFile, "rate" | "sound" | "warnings"> & {
  /** Segments that were encoded, and those that were taken over as they were. */
  readonly encoded: number
  readonly kept: number
}

/** Makes small copies of movies, with what is known of their frames written over them. */
export interface ReviewMaker {
  /**
   * A slate and the frames, in segments of which each is decoded by itself: equal segments of an earlier copy are taken
   * over. The same order gives the same bytes, whatever there was before. Fails: tool/*, scratch/full, source/changed,
   * stopped, and as `read`, `earlier` and `movie` do.
   */
  make(job: ReviewJob): Promise<Result<ReviewFile>>
}

/** Reads headers, and nothing else of a source; starts no child process. */
export interface HeaderInspector {
  /**
   * The first 64 KiB, more only where the header goes on. Fails: source/unsupported-type, source/changed where the source
   * became shorter, picture/*, and with what `readSpan` fails with.
   */
  inspect(source: InspectedSource): Promise<Result<{ readonly header: Inspected; readonly bytesRead: number }>>
}

/** What is to be told of a frame beside its header, and where. */
export type MetadataOrder = { readonly sourceFile: string; readonly toFile: string; readonly facts: FrameFacts }

/** Writes what a frame's header says as `_metadata.json` has it. */
export interface MetadataWriter {
  /**
   * At most 2 MiB; what does not fit is left out in a fixed order, and told. A header that cannot be told of in full gives a
   * file that says why. Fails: scratch/full, and as the reading of a local file does where that may pass.
   */
  write(order: MetadataOrder): Promise<Result<{ readonly sizeBytes: number }>>
}
