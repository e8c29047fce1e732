import { numberOf, type OutputProfile, outputsOf } from "../../element/profiles.ts"
import type { Box, Colorspace, Rational, Selection } from "../../events/records.generated.ts"
import { fitsRate } from "../encode/timecode.ts"
import { pictureAlone, pictureRectangle } from "../geometry.ts"
import type { AppliedLook, SpaceInConfig } from "../looks/apply.ts"
import type { Reading, Rectangle, RenderSettings } from "../model.ts"
import { shownSpaceOf, spaceNamed } from "../read/colour/spaces.ts"
import { codesOf, type DisplayView, type OcioConfig, type Views } from "./ocio-config.ts"

/** Everything a render does, decided before a tool starts: what every engine shares. Pure data. */
export type PicturePlan = {
  readonly selection: Selection
  readonly route: Route
  /**
   * Where oiiotool would misread the shown channels' names, their numbers as it counts the part's channels; else null.
   * Found out by `toldChannels`.
   */
  readonly channelNumbers: readonly number[] | null
  readonly input: InputColour
  readonly views: Views
  /** Look file that comes before the view; null for none. */
  readonly look: AppliedLook | null
  /** Resized from the decoded picture; its light makes the smaller outputs, and it is looked at for black. */
  readonly main: OutputPlan
  /** Stills in letter-boxes, made of the main output's picture. */
  readonly smaller: readonly OutputPlan[]
  /** Resized from the decoded picture, too. */
  readonly others: readonly OutputPlan[]
  readonly settings: RenderSettings
  readonly frameRate: Rational
  /** Validated against frameRate; null to write none. */
  readonly timecode: string | null
  readonly warnings: readonly string[]
}

/** One output of a picture, as its profile wants it under the job's settings. */
export type OutputPlan = {
  /** The profile's name. */
  readonly name: string
  readonly encoder: EncoderPlan
  /** Size of what is written, pixels. */
  readonly canvas: { readonly width: number; readonly height: number }
  /** Where the picture stands in it; even for movies, so that chroma never straddles a bar. */
  readonly rectangle: Rectangle
  /** How linear light becomes its code values. */
  readonly view: DisplayView
  /** What its code values are: sRGB, Rec709, or the display of a facility's config. */
  readonly colorspace: string
}

export type EncoderPlan = { readonly format: "jpeg"; readonly quality: number } | { readonly format: "h264-still" }

/** Every output of a plan, the main one first. */
export const plannedOutputs = ({ main, smaller, others }: Pick<PicturePlan, "main" | "smaller" | "others">) => [
  main,
  ...smaller,
  ...others,
]

/** How the shown channels are read: of a plain EXR just those three, of anything else by selecting after reading. */
export type Route = "single-part" | "selected" | "flattened"

export type InputColour = {
  /** Config that names `space`: the facility's where it knows the name, else the bundled one. */
  readonly config: OcioConfig
  readonly space: string
  /** Linear Rec.709, as that config names it. */
  readonly linearSpace: string
  readonly encoding: "scene-linear" | "log" | "display"
  /** Space of that config whose code values the outputs of a display-referred source carry. */
  readonly shownSpace: string
  /** From file RGB to linear Rec.709, row by row; empty to convert from `space`. */
  readonly matrix: readonly number[]
}

export type PlanParts = Pick<PicturePlan, "input" | "views" | "look">

export function planPicture({ selection, warnings }: Reading, settings: RenderSettings, parts: PlanParts): PicturePlan {
  const frameRate = selection.frameRate ?? settings.defaultFrameRate
  const keepsTimecode = selection.timecode !== null && fitsRate(selection.timecode, frameRate)
  return {
    ...parts,
    ...planOutputs({ ...parts, selection, settings }),
    selection,
    settings,
    frameRate,
    route: routeOf(selection),
    channelNumbers: null,
    timecode: keepsTimecode ? selection.timecode : null,
    warnings:
      selection.timecode === null || keepsTimecode ? warnings : [...warnings, dropped(selection.timecode, frameRate)],
  }
}

const dropped = (timecode: string, { num, den }: Rational): string =>
  `Timecode ${timecode} does not exist at ${den === 1 ? num : `${num}/${den}`} frames a second and was left out.`

/**
 * Reading only three channels is right for a flat single-part EXR of scan lines alone: oiiotool then refuses deep files and
 * rip-maps, reads all parts of a multi-part one and all levels of a tiled one, and un-associates a TIFF's alpha.
 */
function routeOf({ format, part, partName, deep, tiled, channels }: Selection): Route {
  if (deep) return "flattened"
  const isPlain = format === "exr" && !tiled && part === 0 && partName === null && new Set(channels).size === 3
  return isPlain && channels.every(isPlainChannelName) ? "single-part" : "selected"
}

/** The decision of the header reader, as the engine needs it. */
export function inputColour(colorspace: Colorspace, views: Views, bundled: OcioConfig): InputColour {
  const { configSpace, encoding, matrix } = colorspace
  const isTheirs = views.config.spaces.has(configSpace)
  const isOnlyTheirs = isTheirs && !bundled.spaces.has(configSpace)
  return {
    config: isTheirs ? views.config : bundled,
    space: configSpace,
    linearSpace: isTheirs ? views.linearSpace : "lin_rec709",
    encoding: encodingOf(encoding, isOnlyTheirs),
    shownSpace: shownSpaceIn(isTheirs ? views.config : bundled, configSpace),
    matrix,
  }
}

/** A facility's config that has a space of ours but not the one it is shown in keeps its code values. */
function shownSpaceIn({ spaces }: OcioConfig, configSpace: string): string {
  const shown = shownSpaceOf(configSpace)
  return spaces.has(shown) ? shown : configSpace
}

/** Nobody but OCIO knows whether a facility's own space is linear: it is made so before anything is resized. */
function encodingOf(stated: string, isOnlyTheirs: boolean): InputColour["encoding"] {
  if (stated === "display") return "display"
  return stated === "log" || isOnlyTheirs ? "log" : "scene-linear"
}

/**
 * A name that oiiotool's channel lists take literally. A comma ends a name there, a colon or an equals sign the list,
 * and what begins like a number is one: `R=5.R` is red of the constant 5, `R=Infra.R` one of infinity, without a word.
 */
export const isPlainChannelName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_. -]*$/.test(name) && !/^(inf|nan)| $/i.test(name)

type OutputSettings = Pick<PicturePlan, "selection" | "settings" | "input" | "views" | "look">

/** Stills in letter-boxes are made of the movie's picture, which is the recipe's second resize. */
function planOutputs(of: OutputSettings): Pick<PicturePlan, "main" | "smaller" | "others"> {
  const profiles = outputsOf(of.settings)
  const main = profiles.find(({ encoder }) => encoder.format === "h264-still")
  if (main === undefined) throw new Error("The contract's proxy is missing among the outputs.")
  const rest = profiles.filter((profile) => profile !== main)
  const isSmaller = ({ canvas, encoder }: OutputProfile): boolean =>
    canvas.kind === "letterbox" && encoder.format === "jpeg"
  return {
    main: planOutput(main, of),
    smaller: rest.filter(isSmaller).map((profile) => planOutput(profile, of)),
    others: rest.filter((profile) => !isSmaller(profile)).map((profile) => planOutput(profile, of)),
  }
}

function planOutput(profile: OutputProfile, of: OutputSettings): OutputPlan {
  const { name, look, encoder } = profile
  return {
    name,
    encoder: encoder.format === "jpeg" ? { ...encoder, quality: numberOf(encoder.quality, of.settings) } : encoder,
    ...placed(profile, of),
    view: of.views.displays[look],
    colorspace: codesIn(look, of),
  }
}

function placed(
  { canvas, encoder }: OutputProfile,
  { selection, settings }: OutputSettings,
): Pick<OutputPlan, "canvas" | "rectangle"> {
  const even = encoder.format !== "jpeg"
  if (canvas.kind === "longest-edge") {
    const rectangle = pictureAlone(selection, numberOf(canvas.edge, settings), even)
    return { canvas: { width: rectangle.width, height: rectangle.height }, rectangle }
  }
  const [width, height] = [numberOf(canvas.width, settings), numberOf(canvas.height, settings)]
  return {
    canvas: { width, height },
    rectangle: pictureRectangle(selection, { widthPx: width, heightPx: height, even }),
  }
}

/**
 * What the code values of an output are. No display touches sources that are display-referred already: they carry the
 * contract's codes, or keep those of a space that only the facility's config knows, which is then named.
 */
function codesIn(look: OutputProfile["look"], of: OutputSettings): string {
  const codes = displayCodes(of)
  if (codes === null) return codesOf(of.views.displays[look])
  return spaceNamed(codes.space) === undefined ? codes.space : look
}

/** The codes that all outputs carry where no view makes them: those of a finished picture, or of a look; else null. */
export function displayCodes({ input, look }: Pick<PicturePlan, "input" | "look">): SpaceInConfig | null {
  if (input.encoding !== "display") return look?.display ?? null
  return { configPath: input.config.path, linearSpace: input.linearSpace, space: input.shownSpace }
}

/** Whether the two windows share a pixel: without one, black is right. */
export const overlaps = (a: Box, b: Box): boolean =>
  a.xMin <= b.xMax && b.xMin <= a.xMax && a.yMin <= b.yMax && b.yMin <= a.yMax

export const sameBox = (a: Box, b: Box): boolean =>
  a.xMin === b.xMin && a.yMin === b.yMin && a.xMax === b.xMax && a.yMax === b.yMax
