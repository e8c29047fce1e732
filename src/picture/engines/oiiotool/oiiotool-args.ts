import type { Rectangle } from "../../index.ts"
import { type AppliedLook, arriveAt, lookArgs } from "../../looks/apply.ts"
import type { DisplayView } from "../looks.ts"
import { displayCodes, type InputColour, type PicturePlan, sameBox } from "../plan.ts"

/** Fixed local names: keys and parts of them never reach a tool. */
export type OiioFiles = { readonly source: string; readonly proxyTiff: string; readonly thumbnail: string }

/** Version 2 of oiiotool has no `from=` modifier of --ociodisplay. */
export type OiioMajor = number

/**
 * The recipe: one process and one decode for both outputs. Resizing is done in linear light, colour at the small size.
 * The proxy is written before the thumbnail is made (--dup aliases the pixels), and as scan lines, because oiiotool keeps
 * a source's tiling and ffmpeg decodes a tiled TIFF to black.
 */
export function renderArgs(plan: PicturePlan, files: OiioFiles, major: OiioMajor): readonly string[] {
  const { input, proxy, thumbnail } = plan
  const countsFirst = countsBeforeConversion(plan)
  return [
    ...opened(input),
    ...read(plan, files.source),
    ...upright(plan),
    ...windows(plan),
    ...(countsFirst ? ["--printstats"] : []),
    ...linearised(input),
    "--resize:filter=triangle",
    size(proxy),
    ...(countsFirst ? [] : ["--printstats"]),
    "--fixnan",
    "box3",
    ...toRec709(plan),
    "--eraseattrib",
    ".*",
    "--dup",
    ...shown(plan, plan.views.proxy, major),
    ...["-d", "uint16", "--compression", "none", "--scanline", "-o", files.proxyTiff, "--pop"],
    // Compressing highlights darkens white paper and line art, which have none.
    input.encoding === "display" ? "--resize:filter=triangle" : "--resize:filter=triangle:highlightcomp=1",
    size(thumbnail),
    ...shown(plan, plan.views.thumbnail, major),
    ...placed(thumbnail, plan.settings.thumbnailEdgePx),
    ...IS_SRGB,
    ...["-d", "uint8", "--compression", `jpeg:${plan.settings.thumbnailQuality}`, "-o", files.thumbnail],
  ]
}

/** Exif's word for it; 2 would be Adobe RGB. */
const IS_SRGB = ["--attrib", "Exif:ColorSpace", "1"]

/** Statistics of the shown channels inside the display window, each once, as the file has them. Writes nothing. */
export const sourceStatsArgs = (plan: PicturePlan, source: string): readonly string[] => [
  ...opened(plan.input),
  ...onePart(plan, source),
  ...["--ch", [...new Set<number | string>(plan.channelNumbers ?? plan.selection.channels)].join(",")],
  ...windows(plan),
  "--printstats",
]

/** Statistics of the linear light that the outputs are made of, read without the short cut of a single-part file. */
export const lightStatsArgs = (plan: PicturePlan, source: string): readonly string[] => [
  ...opened(plan.input),
  ...selectedRgb(plan, source),
  ...windows(plan),
  ...(plan.input.matrix.length > 0 ? matrix(plan.input) : convert(plan.input.space, plan.input.linearSpace)),
  "--printstats",
]

/** The channels of every part of a file, as XML, in the order in which oiiotool counts them. */
export const channelListArgs = (plan: PicturePlan, source: string): readonly string[] => [
  ...opened(plan.input),
  ...["-a", "--info:format=xml:verbose=1", source],
]

/** How oiiotool is to write what it reads for the in-process engine. */
export type Conversion = {
  readonly source: string
  readonly converted: string
  readonly samples: "half" | "float"
  /** Made linear Rec.709 on the way, for spaces that OCIO alone knows. */
  readonly linear: boolean
  /** The source holds this one image: no other part, page or level. */
  readonly isSingle: boolean
}

/**
 * The shown channels as R, G, B in an EXR of uncompressed scan lines, at full size; windows and turn stay as they are.
 * Samples that nothing is done to keep their type in memory: as floats, a frame of halves takes twice the room. Not so in
 * a file of several parts, pages or levels: oiiotool would then read them all, and rip-maps not at all.
 */
export const convertArgs = (
  plan: PicturePlan,
  { source, converted, samples, linear, isSingle }: Conversion,
): readonly string[] => [
  ...opened(plan.input),
  ...(linear || !isSingle ? [] : ["--native"]),
  ...read(plan, source),
  ...(plan.selection.format === "exr" ? [] : AT_ORIGIN),
  ...(linear ? convert(plan.input.space, plan.input.linearSpace) : []),
  ...["--eraseattrib", ".*", "-d", samples, "--compression", "none", "--scanline", "-o", converted],
]

/**
 * A transfer curve may swallow non-finite samples, so they are counted before it, at full size. Otherwise counting the
 * shrunk picture says, for nothing, whether there are any: each source sample has a part in it.
 */
export const countsBeforeConversion = ({ input, selection }: PicturePlan): boolean =>
  input.encoding !== "scene-linear" && selection.format !== "dpx"

export const opened = ({ config }: InputColour): readonly string[] => openedWith(config.path)

/** No pattern, no expression: a name is a name. No software attribute: version 2 would write its command line into it. */
export const openedWith = (configPath: string): readonly string[] => [
  ...["--wildcardoff", "--evaloff", "--nosoftwareattrib", "--threads", "1", "--colorconfig", configPath],
]

function read(plan: PicturePlan, source: string): readonly string[] {
  if (plan.route !== "single-part") return selectedRgb(plan, source)
  const { channels } = plan.selection
  const isNamedRgb = channels.join() === "R,G,B"
  return [`-i:ch=${channels.join(",")}`, source, ...ofPart(0), ...(isNamedRgb ? [] : NAMED_RGB)]
}

/** Of a file with several parts, pages or levels, oiiotool works on them all and writes them all unless it is told. */
const ofPart = (part: number): readonly string[] => ["--subimage", String(part), "--selectmip", "0"]

const NAMED_RGB = ["--chnames", "R,G,B"]

function selectedRgb(plan: PicturePlan, source: string): readonly string[] {
  const [red, green, blue] = plan.channelNumbers ?? plan.selection.channels
  const wanted = plan.channelNumbers === null ? [`R=${red}`, `G=${green}`, `B=${blue}`] : [red, green, blue]
  return [...onePart(plan, source), "--ch", wanted.join(","), ...(plan.channelNumbers === null ? [] : NAMED_RGB)]
}

/** The part that is shown, flat, and of its levels the largest. */
export function onePart({ selection: { format, part }, route }: PicturePlan, source: string): readonly string[] {
  if (format === "jpeg2000") return [...ALPHA_APART, source, ...ofPart(part), "--premult"]
  if (route !== "flattened") return [source, ...ofPart(part)]
  return [source, ...Array.from({ length: part }, () => FIRST_PART_AWAY).flat(), "--flatten"]
}

/** Its reader of JPEG 2000 multiplies colour by a power of alpha. */
export const ALPHA_APART = ["--iconfig", "oiio:UnassociatedAlpha", "1"]

/** --flatten flattens the first part alone, and a deep part that --subimage selected has lost its samples: all are 0. */
const FIRST_PART_AWAY = ["--subimage:delete=1", "0"]

const upright = ({ selection: { orientation } }: PicturePlan): readonly string[] =>
  orientation === 1 ? [] : ["--orientation", String(orientation), "--reorient"]

/** Shows the display window, at the origin. DPX and TIFF may carry offsets that mean a place on film or paper. */
function windows({ selection }: PicturePlan): readonly string[] {
  const { format, dataWindow, displayWindow } = selection
  if (format !== "exr") return AT_ORIGIN
  if (!sameBox(dataWindow, displayWindow)) return ["--croptofull", ...AT_ORIGIN]
  return displayWindow.xMin === 0 && displayWindow.yMin === 0 ? [] : AT_ORIGIN
}

export const AT_ORIGIN = ["--origin", "+0+0", "--fullpixels"]

export const convert = (from: string, to: string): readonly string[] => ["--colorconvert", from, to]

/** Coded values are linearised before they are resized: shrinking them as they are is off by 22 to 39 dB. */
const linearised = ({ encoding, space, linearSpace }: InputColour): readonly string[] =>
  encoding === "scene-linear" ? [] : convert(space, linearSpace)

const matrix = (input: InputColour): readonly string[] => ["--ccmatrix:transpose=1", input.matrix.join(",")]

/** Linear Rec.709 where the displays' config cannot start from the source's own space. Linear, so after the resize. */
function toRec709(plan: PicturePlan): readonly string[] {
  const { input, views } = plan
  if (input.encoding === "display") return []
  const arrive = arrival(plan)
  const change = views.config.path === input.config.path ? [] : ["--colorconfig", views.config.path]
  return [...arrive, ...change]
}

function arrival(plan: PicturePlan): readonly string[] {
  const { input } = plan
  if (input.matrix.length > 0) return matrix(input)
  return startsFrom(plan) === input.space || input.encoding === "log" ? [] : convert(input.space, input.linearSpace)
}

/** Space that the display transform starts from. */
function startsFrom({ input, views }: PicturePlan): string {
  const isDirect = input.encoding === "scene-linear" && input.matrix.length === 0
  return isDirect && views.config.path === input.config.path && !/[:=,]/.test(input.space)
    ? input.space
    : views.linearSpace
}

/**
 * No view touches display-referred sources. Those in an encoding of the outputs keep their code values: they are encoded
 * again with the curve they were linearised with; others are encoded as sRGB. Everything else goes through the look.
 */
function shown(plan: PicturePlan, to: DisplayView, major: OiioMajor): readonly string[] {
  if (plan.look !== null) return throughLook(plan, plan.look, viewed(plan.views.linearSpace, to, major))
  if (plan.input.encoding === "display") return convert(plan.input.linearSpace, plan.input.shownSpace)
  return viewed(startsFrom(plan), to, major)
}

/** The look takes linear Rec.709, and leaves the config as it was: the other output comes after this one. */
function throughLook(plan: PicturePlan, look: AppliedLook, view: readonly string[]): readonly string[] {
  const { input, views } = plan
  const linearSpace = input.encoding === "display" ? input.linearSpace : views.linearSpace
  const from = input.encoding === "display" ? linearSpace : startsFrom(plan)
  const config = input.encoding === "display" ? input.config : views.config
  const codes = displayCodes(plan)
  return [
    ...(from === linearSpace ? [] : convert(from, linearSpace)),
    ...lookArgs(look),
    ...(codes === null ? ["--colorconfig", config.path, ...view] : arriveAt(codes)),
    ...["--colorconfig", config.path],
  ]
}

/** From a space through a view. */
export const viewed = (from: string, to: DisplayView, major: OiioMajor): readonly string[] =>
  major < 3
    ? ["--iscolorspace", from, "--ociodisplay", to.display, to.view]
    : [`--ociodisplay:from=${from}`, to.display, to.view]

const size = ({ width, height }: Rectangle): string => `${width}x${height}`

const placed = ({ x, y }: Rectangle, edgePx: number): readonly string[] => [
  ...["--origin", `+${x}+${y}`, "--fullsize", `${edgePx}x${edgePx}+0+0`, "--croptofull"],
]
