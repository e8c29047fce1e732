import type { Box, Colorspace, Rational, Selection } from "../../events/records.generated.ts"
import { fitsRate } from "../encode/timecode.ts"
import type { Reading, Rectangle, RenderSettings } from "../index.ts"
import type { AppliedLook, Place } from "../looks/apply.ts"
import { shownSpaceOf, spaceNamed } from "../read/colour/spaces.ts"
import { codesOf, type Views } from "./looks.ts"
import type { OcioConfig } from "./ocio-config.ts"

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
  /** Picture inside the proxy's canvas; even, so that chroma never straddles a bar. */
  readonly proxy: Rectangle
  readonly thumbnail: Rectangle
  readonly settings: RenderSettings
  readonly frameRate: Rational
  /** Validated against frameRate; null to write none. */
  readonly timecode: string | null
  readonly warnings: readonly string[]
}

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

export type PlanParts = Pick<PicturePlan, "input" | "views" | "look" | "proxy" | "thumbnail">

export function planPicture({ selection, warnings }: Reading, settings: RenderSettings, parts: PlanParts): PicturePlan {
  const frameRate = selection.frameRate ?? settings.defaultFrameRate
  const keepsTimecode = selection.timecode !== null && fitsRate(selection.timecode, frameRate)
  return {
    ...parts,
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

/**
 * What the code values of the outputs are. No display touches sources that are display-referred already: they carry the
 * contract's codes, or keep those of a space that only the facility's config knows, which is then named.
 */
export function shownAs(plan: PicturePlan): { readonly thumbnail: string; readonly proxy: string } {
  const codes = displayCodes(plan)
  if (codes === null) return { thumbnail: codesOf(plan.views.thumbnail), proxy: codesOf(plan.views.proxy) }
  return spaceNamed(codes.space) === undefined
    ? { thumbnail: codes.space, proxy: codes.space }
    : { thumbnail: "sRGB", proxy: "Rec709" }
}

/** The codes that both outputs carry where no view makes them: those of a finished picture, or of a look; else null. */
export function displayCodes({ input, look }: Pick<PicturePlan, "input" | "look">): Place | null {
  if (input.encoding !== "display") return look?.display ?? null
  return { configPath: input.config.path, linearSpace: input.linearSpace, space: input.shownSpace }
}

/** Whether the two windows share a pixel: without one, black is right. */
export const overlaps = (a: Box, b: Box): boolean =>
  a.xMin <= b.xMax && b.xMin <= a.xMax && a.yMin <= b.yMax && b.yMin <= a.yMax

export const sameBox = (a: Box, b: Box): boolean =>
  a.xMin === b.xMin && a.yMin === b.yMin && a.xMax === b.xMax && a.yMax === b.yMax
