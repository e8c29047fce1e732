import { type AppliedLook, arriveAt, lookArgs } from "../../looks/apply.ts"
import type { Rectangle } from "../../model.ts"
import type { DisplayView } from "../ocio-config.ts"
import { displayCodes, type InputColour, type OutputPlan, type PicturePlan, sameBox } from "../plan.ts"

/** Fixed local names: keys and parts of them never reach a tool. */
export type OiioFiles = { readonly source: string; readonly of: (output: OutputPlan) => string }

/** Version 2 of oiiotool has no `from=` modifier of --ociodisplay. */
export type OiioMajor = number

/**
 * The recipe: one process and one decode for all outputs. Resizing is done in linear light, colour at the small size.
 * Each output is written before the next one is made (--dup aliases the pixels), the main one before those that are made of
 * it; frames of movies as scan lines, because oiiotool keeps a source's tiling and ffmpeg decodes a tiled TIFF to black.
 */
export function renderArgs(plan: PicturePlan, files: OiioFiles, major: OiioMajor): readonly string[] {
  const { input, main, smaller, others } = plan
  const countsFirst = countsBeforeConversion(plan)
  // Compressing highlights darkens white paper and line art, which have none.
  const shrink = input.encoding === "display" ? "--resize:filter=triangle" : "--resize:filter=triangle:highlightcomp=1"
  return [
    ...opened(input),
    ...read(plan, files.source),
    ...upright(plan),
    ...windows(plan),
    ...(countsFirst ? ["--printstats"] : []),
    ...linearised(input),
    ...others.flatMap((output) => [
      ...["--dup", "--resize:filter=triangle", size(output.rectangle)],
      ...inWorkingLight(plan),
      ...written(plan, output, { files, major }),
      ...["--pop", "--colorconfig", input.config.path],
    ]),
    "--resize:filter=triangle",
    size(main.rectangle),
    ...(countsFirst ? [] : ["--printstats"]),
    ...inWorkingLight(plan),
    ...(smaller.length > 0 ? ["--dup"] : []),
    ...written(plan, main, { files, major }),
    ...smaller.flatMap((output, index) => [
      "--pop",
      ...(index < smaller.length - 1 ? ["--dup"] : []),
      shrink,
      size(output.rectangle),
      ...written(plan, output, { files, major }),
    ]),
  ]
}

const inWorkingLight = (plan: PicturePlan): readonly string[] => [
  ...["--fixnan", "box3"],
  ...toRec709(plan),
  ...["--eraseattrib", ".*"],
]

type Writing = { readonly files: OiioFiles; readonly major: OiioMajor }

function written(plan: PicturePlan, output: OutputPlan, { files, major }: Writing): readonly string[] {
  const { encoder, rectangle, canvas, view } = output
  const file = files.of(output)
  return encoder.format === "jpeg"
    ? [
        ...shown(plan, view, major),
        ...placed(rectangle, canvas),
        ...IS_SRGB,
        ...["-d", "uint8", "--compression", `jpeg:${encoder.quality}`, "-o", file],
      ]
    : [...shown(plan, view, major), ...["-d", "uint16", "--compression", "none", "--scanline", "-o", file]]
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

export function read(plan: PicturePlan, source: string): readonly string[] {
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

const placed = ({ x, y }: Rectangle, canvas: OutputPlan["canvas"]): readonly string[] => [
  ...["--origin", `+${x}+${y}`, "--fullsize", `${canvas.width}x${canvas.height}+0+0`, "--croptofull"],
]
