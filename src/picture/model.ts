/** What is told of pictures, as plain data: settings, readings, orders and what was made of them. */

import type { ByProfile, OutputProfile } from "../element/profiles.ts"
import type { Colorspace, ProxyMade, Rational, Selection, SourceInspected } from "../events/records.generated.ts"
import type { Result } from "../events/result.ts"
import type { LookFile } from "./looks/look.ts"

/** A rectangle inside a canvas, pixels. */
export type Rectangle = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Data that is shown as its kind usually is. */
export type DataKind = "depth" | "normals" | "motion" | "position" | "uv" | "ids" | "cryptomatte"

/** `uint` is colour in integers whose white the samples tell, `lab` is CIE L*a*b*: both are pictures, not data. */
export type PassKind = DataKind | "uint" | "lab"

/** How a TIFF stores L*, a* and b*. */
export type LabStorage = {
  /** CIELab has signed a* and b* and full-range L*, ICCLab the offsets of ICC profiles. */
  readonly encoding: "cie" | "icc"
  readonly bits: number
  /** All samples are declared as signed. */
  readonly isSigned: boolean
  /** CIE 1931 x and y of the white that L* and the rest are relative to. */
  readonly white: readonly [x: number, y: number]
}

/** What is shown of a file that is no picture as it stands: pure data, decided from the header. */
export type DataPass = {
  readonly kind: PassKind
  /** Channels of the shown part: one, two or three; of a cryptomatte pairs of id and coverage, by rank; of Lab also alpha. */
  readonly channels: readonly string[]
  /** Values that are shown as black and as white; measured where it is absent. */
  readonly range?: readonly [black: number, white: number]
  /** Only of Lab. */
  readonly lab?: LabStorage
}

/** What the header says about showing the file: pure data, decided before any decoder starts. */
export type Reading = {
  readonly selection: Selection
  readonly colorspace: Colorspace
  readonly warnings: readonly string[]
  /** Absent for pictures. */
  readonly pass?: DataPass
  /** Absent where whoever read the header does not say. */
  readonly stored?: StoredSamples
}

/** How the file holds its samples, for whoever compares the frames of a sequence. */
export type StoredSamples = Pick<ProxyMade, "depth" | "allChannels">

/** Colour settings that apply to one object (the highest matching prefix rule), part of its renderKey. */
export type ColourSettings = {
  /** Input space that a rule prescribes, as named in the OCIO config; null to decide from the header. */
  readonly inputSpace: string | null
  /** un-tone-mapped, aces-sdr, or a view of the config. */
  readonly look: string
  /** Honour camera tokens in file names (logc3, logc4, slog3, vlog). */
  readonly cameraTokens: boolean
  /** Only where there is one, so that the renderKeys of all others stay as they are. */
  readonly lookFile?: LookFile
}

/** Which picture of a file somebody asked for. What is not there is left to the header. */
export type PictureChoice = {
  /** Part (EXR), image element (DPX) or directory (TIFF): its index from 0, or the name of a part. */
  readonly part?: number | string
  /** View of a stereo EXR. */
  readonly view?: string
  /** Layer, without its view; in multi-part files the name of the part, too. */
  readonly layer?: string
  /** One channel for grey, or those that are shown as red, green and blue. */
  readonly channels?: readonly string[]
  /** Values that are shown as black and as white, of data that has no range of its own; it is measured otherwise. */
  readonly dataRange?: readonly [black: number, white: number]
  /** Shows what is chosen through the view, as colour, although its name says that it holds data. */
  readonly asColour?: true
}

export type RenderSettings = {
  readonly colour: ColourSettings
  /** Only where there is one, so that the renderKeys of all others stay as they are. */
  readonly choice?: PictureChoice
  readonly thumbnailEdgePx: number
  readonly thumbnailQuality: number
  readonly proxyWidthPx: number
  readonly proxyHeightPx: number
  readonly proxyCrf: number
  readonly proxyPreset: string
  /** Frames that a still is held for in the movie, 1..240. */
  readonly stillHoldFrames: number
  /** Frame rate where the source names none. */
  readonly defaultFrameRate: Rational
  /** Outputs beside thumbnail and proxy; only where there are any, so that the renderKeys of all others stay as they are. */
  readonly furtherOutputs?: readonly OutputProfile[]
  /** Whether the header is written beside the pictures, too; only where it is, for the same reason. */
  readonly metadataFile?: true
}

/** A black picture among the frames of a movie, encoded as they are. */
export type BlackOrder = Pick<RenderSettings, "proxyCrf" | "proxyPreset"> & {
  readonly width: number
  readonly height: number
  readonly rate: Rational
}

export type RenderJob = {
  readonly sourceFile: string
  readonly reading: Reading
  readonly settings: RenderSettings
  /** Empty folder of this job; whatever is left in it is removed by the caller. */
  readonly folder: string
  readonly signal: AbortSignal
}

export type RenderedFile = {
  readonly path: string
  readonly sizeBytes: number
  /** Size of the whole canvas, pixels. */
  readonly width: number
  readonly height: number
  /** Where the picture stands in it. */
  readonly picture: Rectangle
  /** What its code values are: sRGB, Rec709, or the display of a facility's config. */
  readonly colorspace: string
}

export type Rendered = {
  /** The written files, by their profiles' names. */
  readonly files: ByProfile<RenderedFile>
  /** Engine and path through it, such as oiiotool/single-part. */
  readonly route: string
  readonly toolVersions: Readonly<Record<string, string>>
  readonly timingsMs: Readonly<Record<string, number>>
  /** NaN and infinite samples repaired; -1 when not counted. */
  readonly nonFiniteCount: number
  readonly allBlack: boolean
  /** No code value of the picture lies above {@link NEARLY_BLACK}. */
  readonly nearlyBlack: boolean
  /** Two thumbnails with one hash are the same. */
  readonly thumbnailHash: string
  readonly warnings: readonly string[]
}

/** Of 255: below it nobody sees anything, the noise of a JPEG included. */
export const NEARLY_BLACK = 16

/** Pixels of one output of one frame, as its encoder takes them, or what they have been encoded to already. */
export type FramePixels =
  /** The whole file of the output, encoded where it was decoded. */
  | EncodedFrame
  /** The whole canvas: the planes of BT.709 4:2:0, limited range. */
  | { readonly kind: "yuv420p"; readonly canvas: Uint8Array<ArrayBuffer> }
  /** The picture alone, 16 bits, in a file of the job's folder. */
  | { readonly kind: "rgb16-tiff"; readonly path: string }
  /** Encoded by whoever decoded, under the output's name in the job's folder. */
  | { readonly kind: "jpeg" }

export type EncodedFrame = {
  readonly kind: "encoded"
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Versions of what encoded, by name. */
  readonly toolVersions: Readonly<Record<string, string>>
  /** Wall time of encoding by name, milliseconds. */
  readonly timingsMs: Readonly<Record<string, number>>
}

/** Local facts of the object that the decision may use. */
export type ReadRequest = {
  readonly sourceFile: string
  /** Key of the object: its name may carry camera tokens; its extension says the format. */
  readonly key: string
  /** Colour space that the object's own metadata or tags state, null when none. */
  readonly statedSpace: string | null
  readonly colour: ColourSettings
  /** Absent where the header alone decides what is shown. */
  readonly choice?: PictureChoice
}

/** Room for one element's temporary files. */
export interface Scratch {
  /** A fresh empty folder for an element whose source has `sizeBytes`; waits for nothing. Fails: scratch/full. */
  open(sizeBytes: number): Promise<Result<ScratchFolder>>
}

export type ScratchFolder = {
  readonly folder: string
  /** Fixed local name for the source: keys are never used as paths. `extension` is one of the accepted ones. */
  sourceFile(extension: string): string
  remove(): Promise<void>
}

/** What a header holds: the part of SourceInspected that does not depend on the object. */
export type Inspected = Pick<
  SourceInspected,
  | "format"
  | "frameNumber"
  | "headerHash"
  | "headerBytes"
  | "deep"
  | "parts"
  | "attributesDropped"
  | "channelsDropped"
  | "partsDropped"
  | "warnings"
>

/** A source of which stretches can be read. */
export type InspectedSource = {
  readonly key: string
  readonly sizeBytes: number
  /** Bytes [offset, offset + lengthBytes), which lie inside the source; fewer where it became shorter meanwhile. */
  readonly readSpan: (span: { readonly offset: number; readonly lengthBytes: number }) => Promise<Result<Uint8Array>>
}
